import { expect, test } from 'vitest';
import { ExpiringCache } from './expiring-cache.ts';

function counted(): { readonly load: () => Promise<number>; readonly count: () => number } {
  let count = 0;
  return {
    load: async () => {
      count += 1;
      return count;
    },
    count: () => count,
  };
}

test('an answer is kept for its time, then asked again', async () => {
  let now = 0;
  const cache = new ExpiringCache<number>({ ttlMs: 100, maxEntries: 10, now: () => now });
  const { load } = counted();
  expect(await cache.get('a', load)).toBe(1);
  now = 99;
  expect(await cache.get('a', load)).toBe(1);
  now = 100;
  expect(await cache.get('a', load)).toBe(2);
  cache.forget('a');
  expect(await cache.get('a', load)).toBe(3);
});

test('calls at the same time share one question', async () => {
  const cache = new ExpiringCache<number>({ ttlMs: 100, maxEntries: 10, now: () => 0 });
  const { load, count } = counted();
  await Promise.all([cache.get('a', load), cache.get('a', load), cache.get('b', load)]);
  expect(count()).toBe(2);
});

test('a failure is not kept, and the oldest entry makes room', async () => {
  const cache = new ExpiringCache<number>({ ttlMs: 100, maxEntries: 2, now: () => 0 });
  const { load, count } = counted();
  await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  for (const key of ['a', 'b', 'c', 'c', 'b']) await cache.get(key, load);
  expect(count()).toBe(3);
  await cache.get('a', load);
  expect(count()).toBe(4);
});
