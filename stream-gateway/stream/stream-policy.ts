// The policy that is in force for the streams of one session. It changes while they are open; each asks again for every
// message, so nothing has to reconnect (G-32).
import type { MergedDlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { MergedDisplays } from '../../schemas/kinds/policies/session-rules.ts';
import type { Clip, ContentVerdict, Direction } from '../dlp/clipboard/clip.ts';
import type { RateAllowance } from '../dlp/rate.ts';

export interface ConsoleInForce {
  readonly allow: boolean;
  readonly idleTimeoutMs: number;
}

export interface PolicyInForce {
  /** SHA-256 of the rules: the same rules, the same hash. */
  readonly hash: string;
  readonly rules: MergedDlpRules;
  readonly displays?: MergedDisplays | undefined;
  /** Left out: no policy says anything of consoles. */
  readonly console?: ConsoleInForce | undefined;
  /** Left out: it need not. */
  readonly mustBeRecorded?: boolean;
  /** Field such as `clipboard.up` to `kind/namespace/name` of the object that limits it. */
  readonly origins: ReadonlyMap<string, string>;
}

export class StreamPolicy {
  #inForce: PolicyInForce;
  readonly #listeners = new Set<() => void>();

  constructor(inForce: PolicyInForce) {
    this.#inForce = inForce;
  }

  get hash(): string {
    return this.#inForce.hash;
  }

  current(): MergedDlpRules {
    return this.#inForce.rules;
  }

  get displays(): MergedDisplays | undefined {
    return this.#inForce.displays;
  }

  get console(): ConsoleInForce | undefined {
    return this.#inForce.console;
  }

  /** Whether the session must be recorded, so that nothing may be done past the recorder. */
  get mustBeRecorded(): boolean {
    return this.#inForce.mustBeRecorded ?? false;
  }

  /** `namespace/name` of the policy that limits a field; null where none does. */
  policyOf(field: string): string | null {
    const origin = this.#inForce.origins.get(field);
    return origin === undefined ? null : origin.slice(origin.indexOf('/') + 1);
  }

  replace(next: PolicyInForce): void {
    this.#inForce = next;
    for (const listener of this.#listeners) listener();
  }

  /** @returns the way to stop it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** What one person may still do in one session, over all of his streams and also after a reconnect. */
export interface Allowance {
  /** Session and person; the judges of content keep their windows by it. */
  readonly key: string;
  /** Clipboards a minute. */
  readonly up: RateAllowance;
  readonly down: RateAllowance;
  /** Keys a second. */
  readonly keys: RateAllowance;
  /** Files a minute. */
  readonly files: { readonly up: RateAllowance; readonly down: RateAllowance };
}

export interface ContentToJudge {
  readonly key: string;
  readonly rules: MergedDlpRules;
  readonly direction: Direction;
  readonly clip: Clip;
  /** Of a clock that nobody sets. */
  readonly nowMs: number;
}

/** A rejection, or no answer in time, denies the clipboard. */
export type JudgeContent = (asked: ContentToJudge) => ContentVerdict | Promise<ContentVerdict>;

/** Without it there is no stream (G-33). */
export interface StreamDlp {
  readonly policy: StreamPolicy;
  readonly allowance: Allowance;
  readonly judge: JudgeContent;
}
