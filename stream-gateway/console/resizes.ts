// Sizes of a window, of which a program is told the last, and not more often than it can draw.

export class Resizes<T> implements Disposable {
  readonly #everyMs: number;
  readonly #apply: (size: T) => void;
  #next: { readonly size: T } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number, apply: (size: T) => void) {
    this.#everyMs = everyMs;
    this.#apply = apply;
  }

  push(size: T): void {
    this.#next = { size };
    if (this.#timer === undefined) this.#flush();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#next === undefined) return;
    const { size } = this.#next;
    this.#next = undefined;
    this.#apply(size);
    this.#timer = setTimeout(() => this.#flush(), this.#everyMs);
  }
}
