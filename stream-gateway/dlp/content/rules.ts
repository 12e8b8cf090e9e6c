// Content rules made ready: a detector, or a pattern of RE2. What cannot be used stops everything in its direction.
import { RE2JS, RE2JSException } from 're2js';
import type { ContentAction, MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { Direction } from '../clipboard/clip.ts';
import { DETECTORS, type Detect } from './detectors/all.ts';
import type { Span } from './span.ts';

export type MergedContentRule = MergedDlpRules['clipboard']['rules'][number];

export interface ReadyRule {
  readonly policy: string;
  readonly rule: string;
  readonly action: ContentAction;
  readonly direction: MergedContentRule['direction'];
  /** `undefined`: the pattern is none, so nothing can be said of a text. */
  readonly find: Detect | undefined;
  /** Steps of the matcher for a text of so many characters, at the most. */
  readonly cost: (length: number) => number;
}

/** A detector goes over the text a handful of times. */
const DETECTOR_STEPS = 10;

/** A repetition such as `{1000}` is written out when the pattern is made ready: half a second for a few of them. */
const DEAR_REPETITION = /\{[0-9]{2,}|\{[0-9],[0-9]{2,}/;

export function readyRules(rules: readonly MergedContentRule[]): readonly ReadyRule[] {
  return rules.map(ready);
}

/** Whether making it ready is to be left to a thread. */
export function isDear({ pattern = '' }: MergedContentRule): boolean {
  return DEAR_REPETITION.test(pattern);
}

export function appliesTo({ direction }: Pick<MergedContentRule, 'direction'>, to: Direction): boolean {
  return direction === 'Both' || direction === to;
}

function ready({ policy, name, action, direction, detector, pattern }: MergedContentRule): ReadyRule {
  const rule = { policy, rule: name, action, direction } as const;
  if (detector !== undefined) return { ...rule, find: DETECTORS[detector], cost: (length) => DETECTOR_STEPS * length };
  const compiled = pattern === undefined ? undefined : compile(pattern);
  if (compiled === undefined) return { ...rule, find: undefined, cost: () => 0 };
  // One search is linear, but a pattern such as `a.*b|a` looks at the whole rest of the text for every match.
  return { ...rule, find: (text) => spansOf(compiled, text), cost: (length) => compiled.programSize() * length * length };
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

/** Without the empty ones, which say nothing about a text. */
function spansOf(pattern: RE2JS, text: string): readonly Span[] {
  const matcher = pattern.matcher(text);
  const found: Span[] = [];
  while (matcher.find()) if (matcher.end() > matcher.start()) found.push({ start: matcher.start(), end: matcher.end() });
  return found;
}
