// What a gesture does: on a touchscreen where the finger is, on a touchpad relative to a pointer of its own. Pure.
import type { Gesture } from './gestures.ts';

export type PointerMode = 'touchscreen' | 'touchpad';
export type Button = 'left' | 'middle' | 'right';

export type Deed =
  | { readonly deed: 'moveTo'; readonly x: number; readonly y: number }
  | { readonly deed: 'moveBy'; readonly dx: number; readonly dy: number }
  | { readonly deed: 'press' | 'release' | 'click'; readonly button: Button }
  | { readonly deed: 'wheel'; readonly dx: number; readonly dy: number }
  | {
      readonly deed: 'zoom';
      readonly x: number;
      readonly y: number;
      readonly factor: number;
      readonly dx: number;
      readonly dy: number;
    }
  | { readonly deed: 'pan'; readonly dx: number; readonly dy: number };

const BUTTONS: readonly Button[] = ['left', 'right', 'middle'];
/** A slow finger is exact, a fast one crosses the screen. */
const [SLOWEST, FASTEST, GAIN_PER_PX] = [0.8, 3, 0.06];

export function deedsOf(gesture: Gesture, mode: PointerMode): readonly Deed[] {
  switch (gesture.kind) {
    case 'pinch':
      return [{ deed: 'zoom', x: gesture.x, y: gesture.y, factor: gesture.factor, dx: gesture.dx, dy: gesture.dy }];
    case 'pan':
      return [{ deed: 'pan', dx: gesture.dx, dy: gesture.dy }];
    case 'scroll':
      // The page follows the fingers, so the wheel turns the other way.
      return [...at(gesture, mode), { deed: 'wheel', dx: -gesture.dx, dy: -gesture.dy }];
    case 'tap':
      return [...at(gesture, mode), { deed: 'click', button: BUTTONS[gesture.fingers - 1] ?? 'left' }];
    case 'hold':
      return mode === 'touchscreen' ? [...at(gesture, mode), { deed: 'click', button: 'right' }] : [];
    case 'drag':
      return mode === 'touchscreen' ? dragOnScreen(gesture) : dragOnPad(gesture);
  }
}

type Drag = Extract<Gesture, { kind: 'drag' }>;

function dragOnScreen({ phase, after, x, y }: Drag): readonly Deed[] {
  if (after === 'hold') return []; // that was the right button
  const move: Deed = { deed: 'moveTo', x, y };
  switch (phase) {
    case 'start':
      return [move, { deed: 'press', button: 'left' }];
    case 'move':
      return [move];
    case 'end':
      return [move, { deed: 'release', button: 'left' }];
  }
}

function dragOnPad({ phase, after, dx, dy }: Drag): readonly Deed[] {
  const holds = after !== 'nothing';
  switch (phase) {
    case 'start':
      return holds ? [{ deed: 'press', button: 'left' }] : [];
    case 'move': {
      const gain = Math.min(FASTEST, SLOWEST + Math.hypot(dx, dy) * GAIN_PER_PX);
      return [{ deed: 'moveBy', dx: dx * gain, dy: dy * gain }];
    }
    case 'end':
      return holds ? [{ deed: 'release', button: 'left' }] : [];
  }
}

const at = ({ x, y }: { readonly x: number; readonly y: number }, mode: PointerMode): readonly Deed[] =>
  mode === 'touchscreen' ? [{ deed: 'moveTo', x, y }] : [];
