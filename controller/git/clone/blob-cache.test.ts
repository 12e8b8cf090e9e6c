import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlobCache, onItsOwn } from './blob-cache.ts';

const blobs = (...ids: readonly string[]): ReadonlyMap<string, Uint8Array> =>
  new Map(ids.map((id) => [id, Buffer.from(id.repeat(10))]));

test('a folder keeps what its last revision had: unchanged files as the same bytes, gone ones not at all', () => {
  const cache = new BlobCache();
  const first = blobs('a', 'b');
  cache.keep('folder', first);
  cache.keep('folder', new Map([...blobs('c'), ['b', cache.get('b') ?? expect.unreachable()]]));
  expect([cache.get('a'), cache.get('b'), cache.size]).toEqual([undefined, first.get('b'), 2]);
  expect(cache.get('b')).toBe(first.get('b'));
});

test('a blob of two folders stays until both have let go of it', () => {
  const cache = new BlobCache();
  cache.keep('one', blobs('shared', 'x'));
  cache.keep('two', blobs('shared', 'y'));
  cache.keep('one', blobs('x'));
  expect(cache.get('shared')).toBeDefined();
  cache.keep('two', blobs('y'));
  expect(cache.get('shared')).toBeUndefined();
});

test('above its bound the folder that was read first goes, and one that is larger than all of it is not kept', () => {
  const cache = new BlobCache(3 * 2_100);
  cache.keep('old', blobs('a'));
  cache.keep('new', blobs('b', 'c'));
  cache.keep('newest', blobs('d'));
  expect(['a', 'b', 'c', 'd'].map((id) => cache.get(id) !== undefined)).toEqual([false, true, true, true]);
  cache.keep('large', blobs('e', 'f', 'g', 'h'));
  expect(cache.size).toBe(0);
});

test('whatever is read in whatever order, what is kept is exactly what the folders had last', () => {
  const step = fc.record({ folder: fc.constantFrom('one', 'two', 'three'), ids: fc.uniqueArray(fc.constantFrom(...'abcdefgh')) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const cache = new BlobCache();
      const last = new Map<string, readonly string[]>();
      for (const { folder, ids } of steps) {
        cache.keep(folder, blobs(...ids));
        last.set(folder, ids);
      }
      const wanted = new Set([...last.values()].flat());
      expect([...'abcdefgh'].filter((id) => cache.get(id) !== undefined)).toEqual([...'abcdefgh'].filter((id) => wanted.has(id)));
      expect(cache.size).toBe(wanted.size);
    }),
  );
});

test('a small file does not hold the chunk that it came in, and a large one is not copied', () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const small = onItsOwn(chunk.subarray(100, 300));
  expect([small.buffer.byteLength, Buffer.from(small).equals(chunk.subarray(100, 300))]).toEqual([200, true]);
  const large = chunk.subarray(0, 60 * 1024);
  expect(onItsOwn(large)).toBe(large);
});
