// A right that ends while a file is on its way: whoever reads slowly would keep it for hours. Asked again now and then, as for an
// open stream.

export interface WatchedRight extends Disposable {
  /** Aborted with what `refusal` made when the answer is no. */
  readonly signal: AbortSignal;
}

const RECHECK_MS = 3_000;

/** @param ask without an answer it goes on: rights live in the API server that is away */
export function watchRight(ask: () => Promise<boolean>, refusal: () => Error, everyMs = RECHECK_MS): WatchedRight {
  const ended = new AbortController();
  const look = (): void =>
    void ask().then(
      (allowed) => {
        if (!allowed) ended.abort(refusal());
      },
      () => undefined,
    );
  const timer = setInterval(look, everyMs).unref();
  return { signal: ended.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
