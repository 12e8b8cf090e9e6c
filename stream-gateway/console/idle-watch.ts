// Nobody types: told a while before, then the end. One timer, however much is typed.

export interface IdleWatchOptions {
  readonly timeoutMs: number;
  /** How long before the end it is told; half of the timeout where that is less. */
  readonly warnMs: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly onWarning: (endsInMs: number) => void;
  /** Somebody typed after a warning. */
  readonly onActive: () => void;
  readonly onIdle: () => void;
}

export class IdleWatch implements Disposable {
  readonly #options: IdleWatchOptions;
  #timeoutMs: number;
  #last: number;
  #warned = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs;
    this.#last = options.now();
    this.#look();
  }

  /** Somebody typed. */
  touch(): void {
    this.#last = this.#options.now();
    if (!this.#warned) return;
    this.#warned = false;
    this.#options.onActive();
    this.#look();
  }

  /** Another policy. */
  setTimeout(timeoutMs: number): void {
    if (timeoutMs === this.#timeoutMs) return;
    this.#timeoutMs = timeoutMs;
    this.#warned = false;
    this.#look();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    clearTimeout(this.#timer);
    const { now, warnMs, onWarning, onIdle } = this.#options;
    const leftMs = this.#last + this.#timeoutMs - now();
    const aheadMs = Math.min(warnMs, this.#timeoutMs / 2);
    if (leftMs <= 0) {
      onIdle();
      return;
    }
    if (leftMs <= aheadMs && !this.#warned) {
      this.#warned = true;
      onWarning(Math.ceil(leftMs));
    }
    // Longer waits than a timer takes are looked at in between.
    const waitMs = Math.min(Math.ceil(this.#warned ? leftMs : leftMs - aheadMs), 3_600_000);
    this.#timer = setTimeout(() => this.#look(), waitMs);
  }
}
