import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignShards, shardOf } from './assign.ts';

const members = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 9 });
const shards = fc.integer({ min: 1, max: 40 });

test('every shard has one replica, and no replica has two more than another', () => {
  fc.assert(
    fc.property(members, shards, (all, count) => {
      const assigned = assignShards(all, count);
      expect([...assigned.keys()]).toEqual(Array.from({ length: count }, (_, shard) => shard));
      const loads = all.map((member) => [...assigned.values()].filter((each) => each === member).length);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }),
  );
});

test('every replica comes to the same answer, in whatever order it sees the others', () => {
  fc.assert(
    fc.property(members, shards, (all, count) => {
      expect(assignShards(all.toReversed(), count)).toEqual(assignShards([...all, ...all], count));
    }),
  );
});

test('a GitSync stays in its shard, shards are about equally full, and one shard more takes its share and moves nothing else', () => {
  const keys = Array.from({ length: 2_000 }, (_, index) => ({ namespace: `team-${index % 37}`, name: `sync-${index}` }));
  const before = keys.map((key) => shardOf(key, 8));
  const sizes = Array.from({ length: 8 }, (_, shard) => before.filter((each) => each === shard).length);
  expect(Math.min(...sizes)).toBeGreaterThan(180);
  expect(Math.max(...sizes)).toBeLessThan(320);
  const after = keys.map((key) => shardOf(key, 9));
  const moved = after.filter((shard, index) => shard !== before[index]);
  expect(new Set(moved)).toEqual(new Set([8]));
  expect(moved.length).toBeLessThan(320);
});

test('with nobody there, nothing is assigned', () => {
  expect(assignShards([], 4).size).toBe(0);
});
