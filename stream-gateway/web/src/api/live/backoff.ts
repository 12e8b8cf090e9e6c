// How long to wait before the next try, and a wait that can be cut short.

/** Full jitter over a doubling bound, so that a thousand pages do not come back in the same second. */
export function backoffMs(
  attempt: number,
  options: { readonly firstMs: number; readonly maxMs: number; readonly random: number },
): number {
  const bound = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt, 16));
  return Math.round(bound / 2 + (bound / 2) * options.random);
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
