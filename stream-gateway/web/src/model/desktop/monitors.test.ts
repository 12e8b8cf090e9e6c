import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, fingerprintOf, inOrder, type Monitor, monitorsText } from './monitors.ts';

const monitor = (left: number, top: number, more: Partial<Monitor> = {}): Monitor => ({
  ...{ left, top, width: 1920, height: 1080, devicePixelRatio: 1, label: '' },
  ...more,
});
const monitors = fc.array(
  fc.record({
    left: fc.integer({ min: -8000, max: 8000 }),
    top: fc.integer({ min: -8000, max: 8000 }),
    width: fc.integer({ min: 1, max: 4000 }),
    height: fc.integer({ min: 1, max: 4000 }),
    devicePixelRatio: fc.constantFrom(1, 1.25, 2),
    label: fc.constantFrom('', 'DELL', 'BenQ'),
  }),
  { minLength: 1, maxLength: 6 },
);

test('a set of monitors has one name, in any order and wherever their origin is', async () => {
  await fc.assert(
    fc.asyncProperty(monitors, fc.integer(), fc.integer(), async (list, x, y) => {
      const moved = list.toReversed().map((each) => ({ ...each, left: each.left + x, top: each.top + y }));
      const name = await fingerprintOf(list);
      expect(name).toMatch(/^[0-9a-f]{64}$/);
      expect(await fingerprintOf(moved)).toBe(name);
    }),
  );
});

test('another size, place, ratio, name or number of monitors is another set', () => {
  const base = [monitor(0, 0), monitor(1920, 0)];
  const others = [
    [monitor(0, 0)],
    [monitor(0, 0), monitor(1920, 10)],
    [monitor(0, 0), monitor(1920, 0, { width: 1680 })],
    [monitor(0, 0), monitor(1920, 0, { devicePixelRatio: 2 })],
    [monitor(0, 0), monitor(1920, 0, { label: 'DELL' })],
  ];
  expect(new Set([base, ...others].map(monitorsText)).size).toBe(6);
});

test('without monitors there is no name', async () => {
  expect(await fingerprintOf([])).toBeNull();
});

test('no two monitors are in one cell', () => {
  fc.assert(
    fc.property(monitors, (list) => {
      expect(new Set(cellsOf(list).map(({ column, row }) => `${column} ${row}`)).size).toBe(list.length);
    }),
  );
});

test.each([
  ['beside each other, with tops that do not line up', [monitor(0, 0), monitor(1920, 200)], ['0 0', '1 0']],
  ['one above the other', [monitor(0, 1080), monitor(100, 0)], ['0 1', '0 0']],
  ['one below the middle of two', [monitor(0, 0), monitor(1920, 0), monitor(960, 1080)], ['0 0', '1 0', '0 1']],
  ['one left of the primary', [monitor(0, 0), monitor(-1080, -300, { width: 1080, height: 1920 })], ['1 0', '0 0']],
])('%s', (_name, list, cells) => {
  expect(cellsOf(list).map(({ column, row }) => `${column} ${row}`)).toEqual(cells);
});

test('they are counted from the left', () => {
  expect(inOrder([monitor(1920, 0), monitor(0, 500), monitor(0, 0)]).map(({ left, top }) => [left, top])).toEqual([
    [0, 0],
    [0, 500],
    [1920, 0],
  ]);
});
