import { expect, test } from 'vitest';
import type { Gesture } from './gestures.ts';
import { deedsOf } from './pointing.ts';

const drag = (phase: 'start' | 'move' | 'end', after: 'nothing' | 'tap' | 'hold', dx = 0): Gesture => ({
  ...{ kind: 'drag', phase, after, x: 50, y: 60, dx, dy: 0 },
});

test.each([
  [1, 'left'],
  [2, 'right'],
  [3, 'middle'],
] as const)('a tap of %i fingers clicks the %s button: there, or where the pointer of the touchpad is', (fingers, button) => {
  const tap: Gesture = { kind: 'tap', fingers, x: 5, y: 6 };
  expect(deedsOf(tap, 'touchscreen')).toEqual([
    { deed: 'moveTo', x: 5, y: 6 },
    { deed: 'click', button },
  ]);
  expect(deedsOf(tap, 'touchpad')).toEqual([{ deed: 'click', button }]);
});

test('a long press is the right button on a touchscreen, and there its drag does nothing more', () => {
  const hold: Gesture = { kind: 'hold', x: 5, y: 6 };
  expect(deedsOf(hold, 'touchscreen')).toContainEqual({ deed: 'click', button: 'right' });
  for (const phase of ['start', 'move', 'end'] as const) expect(deedsOf(drag(phase, 'hold'), 'touchscreen')).toEqual([]);
  expect(deedsOf(hold, 'touchpad')).toEqual([]);
});

test('on a touchpad a finger moves the pointer without a button, and with one after a tap or a long press', () => {
  expect(deedsOf(drag('start', 'nothing'), 'touchpad')).toEqual([]);
  expect(deedsOf(drag('end', 'nothing'), 'touchpad')).toEqual([]);
  for (const after of ['tap', 'hold'] as const) {
    expect(deedsOf(drag('start', after), 'touchpad')).toEqual([{ deed: 'press', button: 'left' }]);
    expect(deedsOf(drag('end', after), 'touchpad')).toEqual([{ deed: 'release', button: 'left' }]);
  }
});

test('a fast finger moves the pointer further than a slow one, and neither without end', () => {
  const gain = (dx: number): number => {
    const [deed] = deedsOf(drag('move', 'nothing', dx), 'touchpad');
    return deed?.deed === 'moveBy' ? deed.dx / dx : 0;
  };
  expect(gain(1)).toBeLessThan(1);
  expect(gain(20)).toBeGreaterThan(gain(2));
  expect(gain(5_000)).toBe(3);
});

test('the page follows two fingers', () => {
  const scroll: Gesture = { kind: 'scroll', x: 1, y: 2, dx: 0, dy: 30 };
  expect(deedsOf(scroll, 'touchscreen')).toEqual([
    { deed: 'moveTo', x: 1, y: 2 },
    { deed: 'wheel', dx: -0, dy: -30 },
  ]);
});
