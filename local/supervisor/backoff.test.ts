import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('the first death is answered at once, the next ones ever later, up to 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backoffMs(failures, 0))).toEqual([
    100, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

test('jitter shortens by a quarter at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const full = backoffMs(failures, 0);
      expect(backoffMs(failures, random)).toBeLessThanOrEqual(full);
      expect(backoffMs(failures, random)).toBeGreaterThanOrEqual(Math.floor(full * 0.75));
    }),
  );
});
