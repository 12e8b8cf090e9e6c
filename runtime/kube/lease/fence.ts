// Stands between a holder of a Lease and its writes: nothing goes out once the Lease could be somebody else's, even in a process
// that was paused and has not yet noticed. The clock is monotonic and its own; those of other machines are never asked.

/** The Lease was lost; as an abort reason it is a stop, not a failure. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export class Fence {
  readonly #giveUpMs: number;
  readonly #onLost: (lost: LeaseLost) => void;
  readonly #now: () => number;
  #renewedAt: number;
  #lost: LeaseLost | undefined;

  /** @param onLost told once, before the write that found it out is refused */
  constructor(giveUpMs: number, onLost: (lost: LeaseLost) => void, now: () => number = () => performance.now()) {
    this.#giveUpMs = giveUpMs;
    this.#onLost = onLost;
    this.#now = now;
    this.#renewedAt = now();
  }

  /** @param at when the renewal was sent: when it arrived is not known, and it counts from then on the other side */
  renewed(at: number): void {
    if (this.#lost === undefined) this.#renewedAt = at;
  }

  get leftMs(): number {
    return this.#giveUpMs - (this.#now() - this.#renewedAt);
  }

  lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = new LeaseLost(why);
    this.#onLost(this.#lost);
  }

  /** Asked right before each write. @throws LeaseLost */
  check(): void {
    if (this.leftMs <= 0) this.lose('the lease could not be renewed in time');
    if (this.#lost !== undefined) throw this.#lost;
  }
}
