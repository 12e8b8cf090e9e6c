// How long to wait before the next try.

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Doubles from `firstMs` to `maxMs`, with the upper half at random, so that many who failed together do not come back
 * together. `attempt` counts from 0; `random` is in [0, 1).
 */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number, random: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 32));
  return Math.round(full / 2 + (full / 2) * random);
}
