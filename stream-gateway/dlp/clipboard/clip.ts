// One clipboard on its way through the gateway, unpacked, and what is decided about it.
import type { ClipboardFormat, ContentAction } from '../../../schemas/kinds/policies/dlp-rules.ts';

/** `Up` is from the browser to the desktop. */
export type Direction = 'Up' | 'Down';

/** `text` is UTF-8 without the NUL that ends it on the wire; every other format is as it came. Never empty. */
export type Clip = ReadonlyMap<ClipboardFormat, Buffer>;

/** A content rule that found something; never what it found. */
export interface Finding {
  /** `namespace/name` of the DlpPolicy. */
  readonly policy: string;
  /** Name of the rule there. */
  readonly rule: string;
  readonly action: ContentAction;
  readonly count: number;
}

/** Of the content alone; switches, sizes and rates are judged before. */
export type ContentVerdict =
  /** `clip` is what may pass on: redacted where a rule says so, else as it came. */
  | { readonly action: 'pass'; readonly clip: Clip; readonly findings: readonly Finding[] }
  | { readonly action: 'block'; readonly findings: readonly Finding[] };
