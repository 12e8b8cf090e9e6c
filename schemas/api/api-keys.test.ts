import { expect, test } from 'vitest';
import { apiKeyRotate, expiresWithin } from './api-keys.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const inHours = (hours: number): Date => new Date(NOW.getTime() + hours * 3_600_000);

test.each([
  [24 * 8, null],
  [24 * 7 + 1, null],
  [24 * 7, 7],
  [25, 7],
  [24, 1],
  [1, 1],
  [0, null],
  [-1, null],
])('a key with %i hours left ends within %s days', (hours, days) => {
  expect(expiresWithin(inHours(hours), NOW)).toBe(days);
});

test('the grace time of a key that is replaced is a day where nothing is said, and a week at most', () => {
  expect(apiKeyRotate.parse({})).toEqual({ graceHours: 24 });
  for (const graceHours of [-1, 169, 1.5]) expect(apiKeyRotate.safeParse({ graceHours }).success).toBe(false);
});
