import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Finger, type Gesture, GestureRecogniser, HOLD_MS } from './gestures.ts';

type Step = readonly [type: Finger['type'], id: number, x: number, y: number, at: number];

function run(...steps: readonly Step[]): readonly Gesture[] {
  const recogniser = new GestureRecogniser();
  return steps.flatMap(([type, id, x, y, at]) => recogniser.touch({ type, id, x, y, at }));
}

test('a short touch is a tap, where it began', () => {
  expect(run(['start', 1, 50, 60, 0], ['move', 1, 53, 61, 40], ['end', 1, 53, 61, 90])).toEqual([
    { kind: 'tap', fingers: 1, x: 50, y: 60 },
  ]);
});

test('a second tap close by means the place of the first, and a third finger is counted', () => {
  const twice = run(['start', 1, 50, 60, 0], ['end', 1, 50, 60, 50], ['start', 2, 61, 66, 200], ['end', 2, 61, 66, 250]);
  expect(twice).toEqual([
    { kind: 'tap', fingers: 1, x: 50, y: 60 },
    { kind: 'tap', fingers: 1, x: 50, y: 60 },
  ]);
  const three: Step[] = [1, 2, 3].map((id) => ['start', id, id * 50, 0, id * 10]);
  expect(run(...three, ['end', 1, 50, 0, 90], ['end', 3, 150, 0, 95], ['end', 2, 100, 0, 99])).toMatchObject([
    { kind: 'tap', fingers: 3, x: 50 },
  ]);
});

test('a long touch is held once, also when the timer comes late, and then it may drag', () => {
  const recogniser = new GestureRecogniser();
  recogniser.touch({ type: 'start', id: 1, x: 5, y: 5, at: 0 });
  expect(recogniser.dueAt).toBe(HOLD_MS);
  expect(recogniser.tick(HOLD_MS - 1)).toEqual([]);
  expect(recogniser.touch({ type: 'move', id: 1, x: 30, y: 5, at: HOLD_MS + 40 })).toMatchObject([
    { kind: 'hold', x: 5, y: 5 },
    { kind: 'drag', phase: 'start', after: 'hold' },
    { kind: 'drag', phase: 'move', dx: 25 },
  ]);
  expect(recogniser.tick(9_999)).toEqual([]);
});

test('a drag begins where the finger came down and loses nothing of its way', () => {
  expect(
    run(['start', 1, 0, 0, 0], ['move', 1, 8, 0, 10], ['move', 1, 20, 0, 20], ['move', 1, 25, 5, 30], ['end', 1, 25, 5, 40]),
  ).toEqual([
    { kind: 'drag', phase: 'start', after: 'nothing', x: 0, y: 0, dx: 0, dy: 0 },
    { kind: 'drag', phase: 'move', after: 'nothing', x: 20, y: 0, dx: 20, dy: 0 },
    { kind: 'drag', phase: 'move', after: 'nothing', x: 25, y: 5, dx: 5, dy: 5 },
    { kind: 'drag', phase: 'end', after: 'nothing', x: 25, y: 5, dx: 0, dy: 0 },
  ]);
});

test('a tap and then a drag is told from a drag', () => {
  const gestures = run(['start', 1, 50, 50, 0], ['end', 1, 50, 50, 50], ['start', 2, 52, 50, 150], ['move', 2, 90, 50, 900]);
  expect(gestures.slice(1)).toMatchObject([
    { phase: 'start', after: 'tap' },
    { phase: 'move', after: 'tap', dx: 38 },
  ]);
});

test('two fingers side by side scroll, two that part pinch, three pan', () => {
  const two: Step[] = [
    ['start', 1, 100, 100, 0],
    ['start', 2, 200, 100, 5],
  ];
  expect(run(...two, ['move', 1, 100, 140, 20], ['move', 2, 200, 140, 21])).toMatchObject([
    { kind: 'scroll', dy: 20 },
    { kind: 'scroll', dy: 20 },
  ]);
  const pinched = run(...two, ['move', 1, 70, 100, 20], ['move', 2, 260, 100, 21], ['move', 2, 270, 100, 22]);
  expect(pinched.every(({ kind }) => kind === 'pinch')).toBe(true);
  const factor = pinched.reduce((product, gesture) => product * (gesture.kind === 'pinch' ? gesture.factor : 0), 1);
  expect(factor).toBeCloseTo(2);
  expect(run(...two, ['start', 3, 300, 100, 8], ['move', 1, 160, 100, 20])).toMatchObject([{ kind: 'pan', dx: 20 }]);
});

test('a finger that stays after a pinch neither taps nor drags', () => {
  const pinch: Step[] = [
    ['start', 1, 100, 100, 0],
    ['start', 2, 200, 100, 5],
    ['move', 2, 300, 100, 10],
    ['end', 2, 300, 100, 20],
  ];
  expect(run(...pinch, ['move', 1, 200, 200, 30], ['end', 1, 200, 200, 40]).slice(1)).toEqual([]);
});

test('a touch that the system takes away is no tap, and a drag that it takes away has an end', () => {
  expect(run(['start', 1, 0, 0, 0], ['cancel', 1, 0, 0, 30])).toEqual([]);
  expect(run(['start', 1, 0, 0, 0], ['move', 1, 50, 0, 10], ['cancel', 1, 50, 0, 30]).at(-1)).toMatchObject({ phase: 'end' });
});

test('whatever fingers do, every drag that began has one end, and the recogniser is as new when all are up', () => {
  const step = fc.record({
    type: fc.constantFrom('start' as const, 'move' as const, 'end' as const, 'cancel' as const),
    id: fc.integer({ min: 1, max: 4 }),
    x: fc.integer({ min: 0, max: 400 }),
    y: fc.integer({ min: 0, max: 400 }),
    after: fc.integer({ min: 0, max: 700 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recogniser = new GestureRecogniser();
      let at = 0;
      const gestures = steps.flatMap(({ after, ...finger }) => {
        at += after;
        return recogniser.touch({ ...finger, at });
      });
      const rest = [1, 2, 3, 4].flatMap((id) => recogniser.touch({ type: 'end', id, x: 0, y: 0, at }));
      let dragging = false;
      for (const gesture of [...gestures, ...rest]) {
        if (gesture.kind !== 'drag') {
          expect(dragging).toBe(false);
          continue;
        }
        expect(gesture.phase === 'start').toBe(!dragging);
        dragging = gesture.phase !== 'end';
      }
      expect(dragging).toBe(false);
      const fresh = recogniser.touch({ type: 'start', id: 9, x: 0, y: 0, at: at + 1_000 });
      expect([...fresh, ...recogniser.touch({ type: 'end', id: 9, x: 0, y: 0, at: at + 1_050 })]).toEqual([
        { kind: 'tap', fingers: 1, x: 0, y: 0 },
      ]);
    }),
  );
});
