// So many of something in a time, with a burst. Pure: the time is an argument, of a clock that nobody sets; a clock that is
// stepped back refills nothing (G-29).

export class RateAllowance {
  readonly #perMs: number;
  /** What was taken and is not refilled yet. Kept instead of what is left, so that the limit may change at any time. */
  #spent = 0;
  #at = 0;

  /** @param perMs the time in which a whole limit is refilled, in milliseconds */
  constructor(perMs: number) {
    this.#perMs = perMs;
  }

  /** Takes one, of at most `limit` at once and `limit` in each time. False: there is none left. */
  take(limit: number, nowMs: number): boolean {
    const elapsed = Math.max(0, nowMs - this.#at);
    this.#spent = Math.max(0, this.#spent - (elapsed / this.#perMs) * limit);
    this.#at = Math.max(this.#at, nowMs);
    // Of many small refills a rest of rounding is left.
    if (this.#spent + 1 > limit + 1e-9) return false;
    this.#spent += 1;
    return true;
  }
}
