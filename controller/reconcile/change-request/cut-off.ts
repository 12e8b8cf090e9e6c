// For tests: cuts the work of a controller off right after one of its effects, as a kill does.
export class CutOff extends Error {}

export class CutsOff {
  #effects = 0;
  #at = Number.POSITIVE_INFINITY;

  /** After so many effects from now on; infinite: never. */
  at(effect: number): void {
    [this.#effects, this.#at] = [0, effect];
  }

  /** The same work: what it does is done, and nobody hears of it. */
  after<A extends readonly unknown[], R>(work: (...given: A) => Promise<R>): (...given: A) => Promise<R> {
    return async (...given) => {
      const result = await work(...given);
      this.#effects += 1;
      if (this.#effects === this.#at) throw new CutOff();
      return result;
    };
  }
}
