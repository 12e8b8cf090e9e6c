import { expect, test } from 'vitest';
import { steadyClock } from './steady-clock.ts';

test('a clock that is set forward or back changes no span of time', () => {
  let wall = Date.parse('2026-06-01T00:00:00Z');
  let monotonic = 5_000;
  const now = steadyClock({ wallMs: () => wall, monotonicMs: () => monotonic });
  const first = now();
  for (const jump of [86_400_000, -90_000_000, 0]) {
    wall += jump + 1_000;
    monotonic += 1_000;
  }
  expect(first.toISOString()).toBe('2026-06-01T00:00:00.000Z');
  expect(now().getTime() - first.getTime()).toBe(3_000);
});
