import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clamped, panned, showing, type View, WHOLE, zoomed } from './view.ts';

const WINDOW = { width: 390, height: 800 };
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const points = fc.record({ x: number(0, WINDOW.width), y: number(0, WINDOW.height) });
const views = fc
  .record({ zoom: number(0.1, 20), x: number(-9_000, 900), y: number(-9_000, 900) })
  .map((view) => clamped(view, WINDOW));

function covers({ zoom, x, y }: View): boolean {
  const edge = (at: number, size: number) => at <= 0 && at + size * zoom >= size - 1e-6;
  return zoom >= 1 && zoom <= 8 && edge(x, WINDOW.width) && edge(y, WINDOW.height);
}

test('whatever is done, the window is full of the screen', () => {
  fc.assert(
    fc.property(views, points, number(0.01, 50), number(-2_000, 2_000), (view, at, factor, by) => {
      expect(covers(view)).toBe(true);
      expect(covers(zoomed(view, WINDOW, at, factor))).toBe(true);
      expect(covers(panned(view, WINDOW, by, -by))).toBe(true);
      expect(covers(showing(view, WINDOW, { x: at.x + by, y: at.y }))).toBe(true);
    }),
  );
});

test('what is between the fingers stays there while the zoom grows', () => {
  fc.assert(
    fc.property(points, number(1, 4), number(1, 2), (at, first, second) => {
      const before = zoomed(WHOLE, WINDOW, at, first);
      const after = zoomed(before, WINDOW, at, second);
      expect((at.x - after.x) / after.zoom).toBeCloseTo((at.x - before.x) / before.zoom, 6);
    }),
  );
});

test('the whole picture is not moved, and a pointer that leaves the window takes the view along', () => {
  expect(panned(WHOLE, WINDOW, 50, 50)).toEqual(WHOLE);
  const view = clamped({ zoom: 2, x: -100, y: -100 }, WINDOW);
  expect(showing(view, WINDOW, { x: 400, y: 300 })).toEqual({ zoom: 2, x: -142, y: -100 });
  expect(showing(view, WINDOW, { x: 200, y: 300 })).toEqual(view);
});
