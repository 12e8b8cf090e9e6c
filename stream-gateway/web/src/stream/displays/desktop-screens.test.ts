import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointerEvent } from '../looking-on.ts';
import { setDesktopSize } from './desktop-screens.ts';
import { around, within } from './painted.ts';

test('SetDesktopSize has all screens with their ids, and a framebuffer around them', () => {
  const bytes = setDesktopSize([
    { id: 0xfedcba98, x: 0, y: 0, width: 258, height: 3 },
    { id: 2, x: 258, y: 1, width: 10, height: 20 },
  ]);
  expect([...bytes]).toEqual([
    ...[251, 0, 1, 12, 0, 21, 2, 0],
    ...[0xfe, 0xdc, 0xba, 0x98, 0, 0, 0, 0, 1, 2, 0, 3, 0, 0, 0, 0],
    ...[0, 0, 0, 2, 1, 2, 0, 1, 0, 10, 0, 20, 0, 0, 0, 0],
  ]);
});

test('a pointer beside the desktop is at its edge and nowhere else, and bit 7 is never set', () => {
  expect([...pointerEvent({ x: -3, y: 70_000 }, 0xff)]).toEqual([5, 0x7f, 0, 0, 255, 255]);
  expect([...pointerEvent({ x: 258.4, y: 3 }, 1)]).toEqual([5, 1, 1, 2, 0, 3]);
});

const areas = fc.record({
  x: fc.nat(50),
  y: fc.nat(50),
  width: fc.integer({ min: 1, max: 50 }),
  height: fc.integer({ min: 1, max: 50 }),
});
const holds = (area: { x: number; y: number; width: number; height: number } | null, x: number, y: number): boolean =>
  area !== null && x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;

test('a pixel was painted in a window exactly if it was painted and lies on its screen', () => {
  fc.assert(
    fc.property(areas, areas, fc.nat(100), fc.nat(100), (area, screen, x, y) => {
      const part = within(area, screen);
      expect(holds(part, x - screen.x, y - screen.y)).toBe(holds(area, x, y) && holds(screen, x, y));
    }),
  );
});

test('an area around two holds both', () => {
  fc.assert(
    fc.property(areas, areas, fc.nat(100), fc.nat(100), (a, b, x, y) => {
      if (holds(a, x, y) || holds(b, x, y)) expect(holds(around(a, b), x, y)).toBe(true);
    }),
  );
});
