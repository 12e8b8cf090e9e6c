// Any moment out of the middle is what playing from the beginning would show, with what stands in for Node's zlib in a browser.
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeOpenedRecord } from '../../../recording/format/opened-record.ts';
import { Screen } from './screen.ts';

const SIDE = 4;
const SEGMENT_MS = 1_000;
const TIGHT = 7;
/** Tight: its stream 0 begins anew, and no filter. */
const FRESH_STREAM = 1;

/** An update of rows from `y` on in one colour (rfbproto, Tight Encoding). */
function rows(y: number, colour: number): Buffer {
  const head = Buffer.alloc(16);
  for (const [at, value] of [
    [2, 1],
    [6, y],
    [8, SIDE],
    [10, SIDE - y],
    [14, TIGHT],
  ] as const)
    head.writeUInt16BE(value, at);
  const rgb = Buffer.alloc(3 * SIDE * (SIDE - y), colour);
  const packed = deflateSync(rgb, { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([head, Buffer.from([FRESH_STREAM, packed.length]), packed]);
}

interface Painted {
  readonly timeMs: number;
  readonly y: number;
  readonly colour: number;
}

const painted = fc
  .array(
    fc.record({
      timeMs: fc.integer({ min: 1, max: SEGMENT_MS - 1 }),
      y: fc.integer({ min: 0, max: SIDE - 1 }),
      colour: fc.integer({ min: 1, max: 255 }),
    }),
    { maxLength: 6 },
  )
  .map((all): readonly Painted[] => [{ timeMs: 0, y: 0, colour: 7 }, ...all.toSorted((one, other) => one.timeMs - other.timeMs)]);

/** The red of each row at a moment. */
function expectedRows(segments: readonly (readonly Painted[])[], ms: number): readonly number[] {
  const number = Math.min(segments.length - 1, Math.floor(ms / SEGMENT_MS));
  const shown = new Array<number>(SIDE).fill(0);
  for (const { timeMs, y, colour } of segments[number] ?? []) if (number * SEGMENT_MS + timeMs <= ms) shown.fill(colour, y);
  return shown;
}

test('G-57 any moment of any recording is what it was, and a seek asks for two segments at most', async () => {
  const moments = fc.array(fc.integer({ min: 0, max: 6 * SEGMENT_MS }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(painted, { minLength: 1, maxLength: 6 }),
      moments,
      fc.integer({ min: 1, max: 90 }),
      async (all, seeks, cut) => {
        let asked = 0;
        const screen = new Screen(
          async (number) => {
            asked += 1;
            const updates = (all[number - 1] ?? []).map(({ timeMs, y, colour }) => ({ timeMs, payload: rows(y, colour) }));
            const bytes = Buffer.concat(updates.map((update) => writeOpenedRecord({ ...update, kind: 'update', more: false })));
            return (async function* () {
              for (let at = 0; at < bytes.length; at += cut) yield new Uint8Array(bytes.subarray(at, at + cut));
            })();
          },
          () => undefined,
        );
        screen.segments = all.map((_, index) => ({
          ...{ number: index + 1, startMs: index * SEGMENT_MS, durationMs: SEGMENT_MS },
          ...{ width: SIDE, height: SIDE },
        }));
        let shown: readonly number[] = [];
        for (const ms of seeks) {
          asked = 0;
          const picture = await screen.show(ms);
          if (picture !== undefined) shown = Array.from({ length: SIDE }, (_, row) => picture.pixels[4 * SIDE * row] ?? -1);
          expect(shown).toEqual(expectedRows(all, ms));
          expect(asked).toBeLessThanOrEqual(2);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a segment that cannot be had says why, and is had once it can be', async () => {
  let away = true;
  const screen = new Screen(
    async () => {
      if (away) throw new Error('away');
      return (async function* () {
        yield new Uint8Array(writeOpenedRecord({ kind: 'update', timeMs: 0, more: false, payload: rows(0, 9) }));
      })();
    },
    () => undefined,
  );
  screen.segments = [{ number: 1, startMs: 0, durationMs: SEGMENT_MS, width: SIDE, height: SIDE }];
  await expect(screen.show(0)).rejects.toThrow('away');
  away = false;
  expect((await screen.show(0))?.pixels[0]).toBe(9);
});
