import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arrangement,
  addDisplay,
  arrangeBy,
  boundsOf,
  cellAt,
  moveDisplay,
  moveTo,
  partOf,
  placesOf,
  removeDisplay,
  resizeDisplay,
  SIDES,
  sameScreens,
  screensFor,
  soleDisplay,
} from './displays.ts';

const SIZE = { width: 1000, height: 800 };
const sizes = fc.record({ width: fc.integer({ min: 1, max: 8192 }), height: fc.integer({ min: 1, max: 8192 }) });
const sides = fc.constantFrom(...SIDES);
const acts = fc.oneof(
  fc.record({ act: fc.constant('add' as const), side: sides, size: sizes }),
  fc.record({ act: fc.constant('remove' as const), of: fc.nat(15) }),
  fc.record({ act: fc.constant('resize' as const), of: fc.nat(15), size: sizes }),
  fc.record({ act: fc.constant('move' as const), of: fc.nat(15), side: sides }),
  fc.record({ act: fc.constant('drop' as const), of: fc.nat(15), column: fc.nat(5), row: fc.nat(5) }),
);
type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

function after(before: Arrangement, act: Act): Arrangement {
  const slot = 'of' in act ? (before[act.of % before.length]?.slot ?? 0) : 0;
  switch (act.act) {
    case 'add':
      return before.length === 16 ? before : addDisplay(before, act);
    case 'remove':
      return removeDisplay(before, slot);
    case 'resize':
      return resizeDisplay(before, slot, act.size);
    case 'move':
      return moveDisplay(before, slot, act.side);
    case 'drop':
      return moveTo(before, slot, act);
  }
}

test('G-70 whatever one does, no screens overlap, all begin at 0, 0, and ids and slots are each there once', () => {
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 40 }), (list) => {
      let arrangement = soleDisplay(7, SIZE);
      for (const act of list) {
        arrangement = after(arrangement, act);
        const screens = screensFor(arrangement);
        expect(arrangement[0]).toMatchObject({ slot: 0, id: 7 });
        expect(new Set(screens.map(({ id }) => id)).size).toBe(arrangement.length);
        expect(new Set(arrangement.map(({ slot }) => slot)).size).toBe(arrangement.length);
        expect([Math.min(...screens.map(({ x }) => x)), Math.min(...screens.map(({ y }) => y))]).toEqual([0, 0]);
        for (const [index, a] of screens.entries())
          for (const b of screens.slice(index + 1))
            expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
        for (const axis of ['column', 'row'] as const) {
          const used = new Set(arrangement.map((display) => display[axis]));
          expect(Math.max(...used)).toBe(used.size - 1);
        }
      }
    }),
  );
});

test('G-70 an id belongs to its window for as long as that is there, whichever other one goes', () => {
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 40 }), (list) => {
      let arrangement = soleDisplay(7, SIZE);
      for (const act of list) {
        const next = after(arrangement, act);
        for (const { slot, id } of arrangement) {
          const same = next.find((display) => display.slot === slot);
          if (same !== undefined) expect(same.id).toBe(id);
        }
        arrangement = next;
      }
    }),
  );
});

const three = (): Arrangement => {
  const two = addDisplay(soleDisplay(7, SIZE), { side: 'right', size: SIZE });
  return moveDisplay(addDisplay(two, { side: 'left', size: { width: 500, height: 400 } }), 0, 'left');
};

test('the middle one is removed: the others close up and keep their ids', () => {
  const before = three();
  expect(screensFor(before).map(({ id, x }) => [id, x])).toEqual([
    [7, 0],
    [1, 1500],
    [2, 1000],
  ]);
  expect(screensFor(removeDisplay(before, 2)).map(({ id, x }) => [id, x])).toEqual([
    [7, 0],
    [1, 1000],
  ]);
  expect(removeDisplay(before, 0)).toEqual(before);
});

test('a display that is moved up from beside the main one stands above it', () => {
  const two = addDisplay(soleDisplay(7, SIZE), { side: 'right', size: SIZE });
  const up = moveDisplay(two, 1, 'above');
  expect(screensFor(up)).toEqual([
    { id: 7, x: 0, y: 800, ...SIZE },
    { id: 1, x: 0, y: 0, ...SIZE },
  ]);
  expect(moveDisplay(up, 1, 'above')).toEqual(up);
  expect(screensFor(moveDisplay(up, 1, 'below')).map(({ y }) => y)).toEqual([0, 800]);
});

test('a window that becomes narrower pulls its neighbours along', () => {
  const screens = screensFor(resizeDisplay(three(), 2, { width: 300, height: 900 }));
  expect(screens.map(({ x, width }) => [x, width])).toEqual([
    [0, 1000],
    [1300, 1000],
    [1000, 300],
  ]);
  expect(boundsOf(screens)).toEqual({ width: 2300, height: 900 });
});

describe('a plan', () => {
  test('that was kept comes again with the same windows, whichever comes first', () => {
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 20 }), fc.boolean(), (list, reversed) => {
        const before = list.reduce(after, soleDisplay(7, SIZE));
        const plan = new Map(before.map((display) => [display.slot, display]));
        const others = before.slice(1).map(({ slot }) => slot);
        let again = soleDisplay(7, SIZE);
        for (const slot of reversed ? others.toReversed() : others)
          again = arrangeBy(addDisplay(again, { side: 'right', size: SIZE, slot }), plan);
        const places = (of: Arrangement) => placesOf(of.toSorted((a, b) => a.slot - b.slot));
        expect(places(again)).toEqual(places(before));
      }),
    );
  });

  test('with two at one place, or without some of them, puts those beside the others', () => {
    const plan = new Map([0, 1].map((slot) => [slot, { column: 1, row: 0 }]));
    expect(arrangeBy(three(), plan).map(({ column }) => column)).toEqual([0, 1, 2]);
    expect(screensFor(arrangeBy(three(), new Map())).map(({ x }) => x)).toEqual([0, 1000, 2000]);
  });
});

test('screens are the same in any order, and not when one of them differs', () => {
  const screens = screensFor(three());
  expect(sameScreens(screens, screens.toReversed())).toBe(true);
  expect(sameScreens(screens, screens.slice(1))).toBe(false);
  expect(
    sameScreens(
      screens,
      screens.map((screen) => ({ ...screen, y: 1 })),
    ),
  ).toBe(false);
});

test('a display is dropped into the cell under the pointer, or into a new column or row beside all', () => {
  const two = addDisplay(soleDisplay(7, SIZE), { side: 'right', size: SIZE });
  expect(cellAt(two, { x: 1999, y: 799 })).toEqual({ column: 1, row: 0 });
  expect(screensFor(moveTo(two, 0, cellAt(two, { x: 1500, y: 10 }))).map(({ x }) => x)).toEqual([1000, 0]);
  expect(screensFor(moveTo(two, 0, cellAt(two, { x: 2500, y: 10 }))).map(({ x }) => x)).toEqual([1000, 0]);
  expect(screensFor(moveTo(two, 1, cellAt(two, { x: 10, y: -50 }))).map(({ x, y }) => [x, y])).toEqual([
    [0, 800],
    [0, 0],
  ]);
});

test('of the picture a window shows its own screen alone, as large as it fits', () => {
  const screen = { x: 1000, y: 0, width: 1000, height: 800 };
  expect(partOf({ width: 2000, height: 800 }, screen, { width: 500, height: 400 })).toEqual({
    ...{ left: -500, top: 0, width: 1000, height: 400 },
    clipPath: 'inset(0px 0px 0px 500px)',
  });
  expect(partOf({ width: 2000, height: 800 }, screen, { width: 500, height: 600 }).top).toBe(100);
});
