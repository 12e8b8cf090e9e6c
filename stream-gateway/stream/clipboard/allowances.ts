// What each person may still do in each session of this replica. Kept for a while after his last stream: who reconnects does
// not get a new allowance.
import { RateAllowance } from '../../dlp/rate.ts';
import type { Allowance } from '../stream-policy.ts';

/** Longer than any rate needs to be full again, and than the longest window of a content rule (300 s). */
const KEEP_MS = 600_000;
/** Above it the ones that were left alone longest go first. */
const MAX_IDLE = 10_000;

export interface AllowanceLease extends Disposable {
  readonly allowance: Allowance;
}

interface Entry {
  readonly allowance: Allowance;
  streams: number;
  idleSince: number;
}

export class Allowances {
  readonly #now: () => number;
  /** In the order in which they were last let go. */
  readonly #entries = new Map<string, Entry>();

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** For one stream; dispose it with the stream. */
  lease(sessionUid: string, person: string): AllowanceLease {
    this.#sweep();
    const key = `${sessionUid}/${person}`;
    const entry = this.#entries.get(key) ?? { allowance: newAllowance(key), streams: 0, idleSince: 0 };
    this.#entries.set(key, entry);
    entry.streams += 1;
    let held = true;
    return {
      allowance: entry.allowance,
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        entry.streams -= 1;
        entry.idleSince = this.#now();
        this.#entries.delete(key);
        this.#entries.set(key, entry);
        this.#sweep();
      },
    };
  }

  #sweep(): void {
    const now = this.#now();
    let above = this.#entries.size - MAX_IDLE;
    for (const [key, { streams, idleSince }] of this.#entries) {
      if (streams > 0) continue;
      if (above <= 0 && now - idleSince < KEEP_MS) return; // the later ones were let go later
      this.#entries.delete(key);
      above -= 1;
    }
  }
}

function newAllowance(key: string): Allowance {
  const inMinutes = () => ({ up: new RateAllowance(60_000), down: new RateAllowance(60_000) });
  return { key, ...inMinutes(), keys: new RateAllowance(1_000), files: inMinutes() };
}
