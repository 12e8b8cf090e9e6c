// Fingers on a screen as gestures. Pure: events and times in, gestures out; what a gesture does is decided elsewhere.
// noVNC has a recogniser of its own, which knows neither a touchpad nor a zoom of the view, and is not asked.

export interface Finger {
  readonly type: 'start' | 'move' | 'end' | 'cancel';
  readonly id: number;
  /** In CSS pixels of the window. */
  readonly x: number;
  readonly y: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly at: number;
}

export type Gesture =
  | { readonly kind: 'tap'; readonly fingers: number; readonly x: number; readonly y: number }
  | { readonly kind: 'hold'; readonly x: number; readonly y: number }
  | {
      readonly kind: 'drag';
      readonly phase: 'start' | 'move' | 'end';
      /** What came before: nothing, a tap just then, or a long press. */
      readonly after: 'nothing' | 'tap' | 'hold';
      readonly x: number;
      readonly y: number;
      readonly dx: number;
      readonly dy: number;
    }
  | { readonly kind: 'scroll' | 'pan'; readonly x: number; readonly y: number; readonly dx: number; readonly dy: number }
  | {
      readonly kind: 'pinch';
      readonly x: number;
      readonly y: number;
      readonly dx: number;
      readonly dy: number;
      readonly factor: number;
    };

const MOVED_PX = 10;
/** Fingers that only scroll never keep their distance exactly. */
const PINCHED_PX = 24;
export const HOLD_MS = 500;
/** Several fingers that rest this long were no tap. */
const TAP_MS = 500;
const AGAIN_MS = 350;
const AGAIN_PX = 40;

interface Touch {
  readonly startX: number;
  readonly startY: number;
  x: number;
  y: number;
}

/** Where several fingers are, as one. */
interface Together {
  readonly x: number;
  readonly y: number;
  readonly spread: number;
}

type Mode = 'idle' | 'pending' | 'held' | 'drag' | 'scroll' | 'pinch' | 'pan' | 'over';

export class GestureRecogniser {
  readonly #touches = new Map<number, Touch>();
  #mode: Mode = 'idle';
  #fingers = 0;
  #startedAt = 0;
  #origin = { x: 0, y: 0 };
  #after: 'nothing' | 'tap' | 'hold' = 'nothing';
  #last: Together = { x: 0, y: 0, spread: 0 };
  #lastTap: { readonly x: number; readonly y: number; readonly at: number } | null = null;

  /** When {@link tick} is due; null: nothing waits for a time. */
  get dueAt(): number | null {
    return this.#mode === 'pending' && this.#fingers === 1 && this.#after === 'nothing' ? this.#startedAt + HOLD_MS : null;
  }

  tick(at: number): readonly Gesture[] {
    const [touch] = this.#touches.values();
    if (this.dueAt === null || at < this.dueAt || touch === undefined) return [];
    this.#mode = 'held';
    this.#after = 'hold';
    return [{ kind: 'hold', x: touch.x, y: touch.y }];
  }

  touch(finger: Finger): readonly Gesture[] {
    const late = this.tick(finger.at); // a timer may come later than what it waited for
    switch (finger.type) {
      case 'start':
        this.#start(finger);
        return late;
      case 'move':
        return [...late, ...this.#move(finger)];
      case 'end':
      case 'cancel':
        return [...late, ...this.#end(finger)];
    }
  }

  #start({ id, x, y, at }: Finger): void {
    this.#touches.set(id, { startX: x, startY: y, x, y });
    if (this.#mode === 'idle') {
      this.#mode = 'pending';
      this.#startedAt = at;
      this.#origin = { x, y };
      this.#fingers = 0;
      this.#after = this.#isAgain(x, y, at) ? 'tap' : 'nothing';
    }
    if (this.#mode === 'pending') this.#fingers = Math.max(this.#fingers, this.#touches.size);
    this.#last = together(this.#touches);
  }

  #isAgain(x: number, y: number, at: number): boolean {
    const tap = this.#lastTap;
    return tap !== null && at - tap.at < AGAIN_MS && Math.hypot(x - tap.x, y - tap.y) < AGAIN_PX;
  }

  #move({ id, x, y }: Finger): readonly Gesture[] {
    const touch = this.#touches.get(id);
    if (touch === undefined) return [];
    const [dx, dy] = [x - touch.x, y - touch.y];
    touch.x = x;
    touch.y = y;
    switch (this.#mode) {
      case 'pending':
      case 'held':
        return this.#begin(touch);
      case 'drag':
        return this.#touches.keys().next().value === id ? [this.#drag('move', x, y, dx, dy)] : [];
      case 'scroll':
      case 'pinch':
      case 'pan':
        return [this.#go(this.#mode)];
      case 'idle':
      case 'over':
        return [];
    }
  }

  /** What the first real movement says that it is. */
  #begin(touch: Touch): readonly Gesture[] {
    if (this.#fingers === 1) {
      const [dx, dy] = [touch.x - touch.startX, touch.y - touch.startY];
      if (Math.hypot(dx, dy) <= MOVED_PX) return [];
      this.#mode = 'drag';
      return [this.#drag('start', touch.startX, touch.startY, 0, 0), this.#drag('move', touch.x, touch.y, dx, dy)];
    }
    const now = together(this.#touches);
    const moved = Math.hypot(now.x - this.#last.x, now.y - this.#last.y);
    const spread = Math.abs(now.spread - this.#last.spread);
    if (this.#fingers === 2 && spread > PINCHED_PX && spread > moved) this.#mode = 'pinch';
    else if (moved > MOVED_PX) this.#mode = this.#fingers === 2 ? 'scroll' : 'pan';
    else return [];
    return [this.#go(this.#mode)];
  }

  #go(kind: 'scroll' | 'pinch' | 'pan'): Gesture {
    const [last, now] = [this.#last, together(this.#touches)];
    this.#last = now;
    const by = { x: now.x, y: now.y, dx: now.x - last.x, dy: now.y - last.y };
    return kind === 'pinch' ? { kind, ...by, factor: last.spread > 0 ? now.spread / last.spread : 1 } : { kind, ...by };
  }

  #end({ id, type, at }: Finger): readonly Gesture[] {
    const touch = this.#touches.get(id);
    if (touch === undefined) return [];
    const isFirst = this.#touches.keys().next().value === id;
    this.#touches.delete(id);
    const mode = this.#mode;
    if (this.#touches.size === 0) this.#mode = 'idle';
    else if (mode !== 'pending' && (mode !== 'drag' || isFirst)) this.#mode = 'over';
    if (mode === 'drag') return isFirst ? [this.#drag('end', touch.x, touch.y, 0, 0)] : [];
    if (type === 'cancel' && mode === 'pending') this.#mode = this.#touches.size === 0 ? 'idle' : 'over';
    if (mode !== 'pending' || this.#mode !== 'idle' || type === 'cancel' || at - this.#startedAt > TAP_MS) return [];
    return [this.#tap(at)];
  }

  /** A second tap means the place of the first: a double click is in one place. */
  #tap(at: number): Gesture {
    const again = this.#after === 'tap' && this.#fingers === 1 ? this.#lastTap : null;
    const { x, y } = again ?? this.#origin;
    this.#lastTap = this.#fingers === 1 ? { x, y, at } : null;
    return { kind: 'tap', fingers: this.#fingers, x, y };
  }

  #drag(phase: 'start' | 'move' | 'end', x: number, y: number, dx: number, dy: number): Gesture {
    return { kind: 'drag', phase, after: this.#after, x, y, dx, dy };
  }
}

function together(touches: ReadonlyMap<number, Touch>): Together {
  const all = [...touches.values()];
  const x = all.reduce((sum, touch) => sum + touch.x, 0) / Math.max(1, all.length);
  const y = all.reduce((sum, touch) => sum + touch.y, 0) / Math.max(1, all.length);
  const [first, second] = all;
  const spread = first === undefined || second === undefined ? 0 : Math.hypot(first.x - second.x, first.y - second.y);
  return { x, y, spread };
}
