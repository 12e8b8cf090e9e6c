// When a part that died is started again. Pure.

/** A part that lived this long is healthy: its next death starts the sequence anew. */
export const HEALTHY_AFTER_MS = 60_000;
const FIRST_MS = 100;
const BASE_MS = 1_000;
const MAX_MS = 30_000;

/**
 * The first death in a row is answered almost at once, so that a killed gateway is back within two seconds; then 1 s, 2 s,
 * 4 s ... 30 s, each shortened by up to a quarter so that parts which died together do not come back together.
 * @param failures deaths in a row, from 1
 * @param random from 0 (included) to 1
 */
export function backoffMs(failures: number, random: number): number {
  if (failures <= 1) return FIRST_MS;
  const full = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures - 2, 16));
  return Math.round(full * (1 - random / 4));
}
