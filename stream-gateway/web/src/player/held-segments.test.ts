// What of a recording is in memory: three segments at most, each fetched once, and none that nobody wants any more.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeOpenedRecord } from '../../../recording/format/opened-record.ts';
import { HeldSegments, MAX_HELD } from './held-segments.ts';

/** Segments that come when the test says so. */
function source() {
  const asked: number[] = [];
  const open = new Map<number, { readonly signal: AbortSignal; readonly arrive: () => void }>();
  const fetchSegment = async (number: number, signal: AbortSignal) => {
    asked.push(number);
    const { promise, resolve } = Promise.withResolvers<void>();
    open.set(number, { signal, arrive: resolve });
    return (async function* () {
      await promise;
      const records = [0, 40, 900].map((timeMs) => ({ kind: 'update' as const, timeMs, payload: Buffer.alloc(1), more: false }));
      yield new Uint8Array(Buffer.concat(records.map(writeOpenedRecord)));
    })();
  };
  return { asked, open, fetchSegment };
}

test('of whatever is wanted, at most three are held, the wanted are among them, and the others are given up', async () => {
  const wishes = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 2 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(wishes, async (all) => {
      const { open, fetchSegment } = source();
      const held = new HeldSegments(fetchSegment, () => undefined);
      for (const wanted of all) {
        held.want(wanted);
        await Promise.resolve();
        const there = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((number) => held.get(number) !== undefined);
        expect(there.length).toBeLessThanOrEqual(MAX_HELD);
        for (const number of wanted) expect(there).toContain(number);
        for (const [number, { signal }] of open) if (!there.includes(number)) expect(signal.aborted).toBe(true);
      }
    }),
  );
});

test('a segment that is there is not fetched again, and tells when its picture changed', async () => {
  const { asked, open, fetchSegment } = source();
  const told = Promise.withResolvers<unknown>();
  const held = new HeldSegments(fetchSegment, (segments) => told.resolve(segments));
  held.want([1]);
  held.want([1]);
  open.get(1)?.arrive();
  expect(await told.promise).toEqual([{ number: 1, changes: [40, 900] }]);
  held.want([1]);
  expect(asked).toEqual([1]);
});

test('one that failed says why, and is fetched again when it is wanted again', async () => {
  let count = 0;
  const held = new HeldSegments(
    async () => {
      count += 1;
      throw new Error('away');
    },
    () => undefined,
  );
  held.want([1]);
  await expect(
    held
      .get(1)
      ?.more()
      .then(() => held.get(1)?.more()),
  ).rejects.toThrow('away');
  held.want([1]);
  expect(count).toBe(2);
});
