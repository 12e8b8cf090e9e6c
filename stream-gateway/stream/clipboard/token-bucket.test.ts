import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

function bucket(): { readonly take: (count: number) => number; set(ms: number): void } {
  let at = 0;
  const tokens = new TokenBucket({ perSecond: 100, burst: 50, now: () => at });
  return {
    take: (count) => tokens.take(count),
    set: (ms) => {
      at = ms;
    },
  };
}

test('a burst passes, then the rate holds', () => {
  const { take, set } = bucket();
  expect(take(50)).toBe(0);
  expect(take(10)).toBe(100);
  set(100);
  expect(take(1)).toBe(10);
  set(10_000);
  expect(take(50)).toBe(0); // no more than the burst was saved up
  expect(take(1)).toBe(10);
});

test('an item larger than the burst passes, and is waited for', () => {
  const { take, set } = bucket();
  expect(take(150)).toBe(1_000);
  set(1_000);
  expect(take(0)).toBe(0);
});

test('a clock that steps back refills nothing', () => {
  const { take, set } = bucket();
  set(1_000);
  expect(take(50)).toBe(0);
  set(0);
  expect(take(10)).toBe(100);
});
