// Keeps to so many bytes a second by waiting longer before the next picture. Pure: the time is an argument.

export interface RecorderRules {
  /** Pictures a second at most, 1 to 15. */
  readonly fps: number;
  readonly maxBytesPerSecond: number;
  readonly segmentSeconds: number;
}

/** A second's worth may go at once, so that a picture in full does not slow the small changes after it. */
const BURST_SECONDS = 1;

export class RateLimit {
  #bytesPerSecond: number;
  #intervalMs: number;
  #debt = 0;
  #at: number | undefined;

  constructor(rules: Pick<RecorderRules, 'fps' | 'maxBytesPerSecond'>) {
    this.#bytesPerSecond = rules.maxBytesPerSecond;
    this.#intervalMs = 1_000 / rules.fps;
  }

  setRules(rules: Pick<RecorderRules, 'fps' | 'maxBytesPerSecond'>): void {
    this.#bytesPerSecond = rules.maxBytesPerSecond;
    this.#intervalMs = 1_000 / rules.fps;
  }

  /** Pictures a second as the rules have them. */
  get fps(): number {
    return 1_000 / this.#intervalMs;
  }

  /** @param nowMs of a clock that nobody sets */
  spend(bytes: number, nowMs: number): void {
    this.#pay(nowMs);
    this.#debt += bytes;
  }

  /** How long to wait from `nowMs` before the next picture, when the last one was asked for at `askedMs`. */
  waitMs(askedMs: number, nowMs: number): number {
    this.#pay(nowMs);
    const forBytes = ((this.#debt - BURST_SECONDS * this.#bytesPerSecond) / this.#bytesPerSecond) * 1_000;
    return Math.max(0, askedMs + this.#intervalMs - nowMs, forBytes);
  }

  #pay(nowMs: number): void {
    const seconds = Math.max(0, nowMs - (this.#at ?? nowMs)) / 1_000;
    this.#debt = Math.max(0, this.#debt - seconds * this.#bytesPerSecond);
    this.#at = nowMs;
  }
}
