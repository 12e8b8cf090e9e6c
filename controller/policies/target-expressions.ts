// The expressions of `targets.cel`, compiled once each. One that is no expression, fails or takes too long holds: a policy that
// cannot be told to apply applies.
import { BoundedCel, CelFailure, type CelParsed } from '../cel/bounded-cel.ts';

/** Asked for every session whenever a policy changes, and a team may write them: a hundredth of what a health rule has. */
const MAX_MS = 20;
/** Honest work, now and then, is held up for longer than that by something else in the process. */
const TRIES = 2;
/** Far more policies than anybody has. The oldest go first; they are compiled again when they are asked for. */
const MAX_KEPT = 2_000;

const cel = new BoundedCel(['session', 'template', 'team'], MAX_MS);

type Kept = CelParsed & { slow?: string };

export class TargetExpressions {
  readonly #kept = new Map<string, Kept>();

  /** Why it cannot be used, as far as that is known by now. */
  problem(text: string): string | undefined {
    const { problem, slow } = this.#of(text);
    return problem ?? slow;
  }

  holds(text: string, values: Readonly<Record<'session' | 'template' | 'team', unknown>>): boolean {
    const kept = this.#of(text);
    if (kept.parsed === undefined || kept.slow !== undefined) return true;
    for (let left = TRIES; ; left -= 1) {
      try {
        return cel.evaluate(kept.parsed, values) !== false;
      } catch (error) {
        if (!(error instanceof CelFailure)) throw error;
        if (error.reason !== 'slow') return true;
        if (left > 1) continue;
        // It would take as long for the next session.
        kept.slow = error.message;
        return true;
      }
    }
  }

  #of(text: string): Kept {
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const kept: Kept = { ...cel.parse(text, 'bool') };
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(text, kept);
    return kept;
  }
}
