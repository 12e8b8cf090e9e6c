import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateAllowance } from './rate.ts';

const MINUTE = 60_000;
const takeMany = (rate: RateAllowance, limit: number, nowMs: number, tries: number): number =>
  Array.from({ length: tries }, () => rate.take(limit, nowMs)).filter(Boolean).length;

test('G-29 a burst passes up to the limit, and one comes back with each part of the time', () => {
  const rate = new RateAllowance(MINUTE);
  expect(takeMany(rate, 10, 1_000, 15)).toBe(10);
  expect(rate.take(10, 6_999)).toBe(false);
  expect(rate.take(10, 7_000)).toBe(true);
  expect(rate.take(10, 7_000)).toBe(false);
  expect(takeMany(rate, 10, 7_000 + MINUTE, 15)).toBe(10);
});

test('G-29 a clock that is stepped back, and forward again, refills nothing', () => {
  const rate = new RateAllowance(MINUTE);
  expect(takeMany(rate, 10, 100_000, 10)).toBe(10);
  expect(rate.take(10, 0)).toBe(false);
  expect(rate.take(10, 50_000)).toBe(false);
  expect(rate.take(10, 100_000)).toBe(false);
  expect(rate.take(10, 106_000)).toBe(true);
});

test('nothing passes under a limit of zero, and a limit that changes holds for what was taken before', () => {
  const rate = new RateAllowance(MINUTE);
  expect(rate.take(0, 1)).toBe(false);
  expect(takeMany(rate, 10, 1, 4)).toBe(4);
  expect(rate.take(3, 1)).toBe(false);
  expect(takeMany(rate, 6, 1, 9)).toBe(2);
});

test('G-29 in no minute pass more than twice the limit, and in the long run no more than the limit a minute', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 50, maxLength: 400 }),
      (limit, steps) => {
        const rate = new RateAllowance(MINUTE);
        const passed: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          if (rate.take(limit, now)) passed.push(now);
        }
        for (const start of passed)
          expect(passed.filter((at) => at >= start && at < start + MINUTE).length).toBeLessThanOrEqual(2 * limit);
        expect(passed.length).toBeLessThanOrEqual(limit + (now / MINUTE) * limit + 1e-6);
      },
    ),
  );
});
