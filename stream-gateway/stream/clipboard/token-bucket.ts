// A rate with a burst. It may be overdrawn by one item, which then is waited for, so an item larger than the burst passes.

export interface TokenBucketOptions {
  readonly perSecond: number;
  /** What may be taken at once after a quiet time. */
  readonly burst: number;
  /** Milliseconds of a clock that nobody sets, such as `performance.now`. */
  readonly now: () => number;
}

export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #at: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#at = options.now();
  }

  /** Takes `count` and returns how many milliseconds to wait before the next is taken; 0 when there is something left. */
  take(count: number): number {
    const { perSecond, burst, now } = this.#options;
    const at = now();
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, at - this.#at) * perSecond) / 1000) - count;
    this.#at = at;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / perSecond);
  }
}
