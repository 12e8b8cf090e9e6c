// Where the others point, outside of React's state: it changes ten times a second, and only what draws it looks.
import type { PointersNotice } from '../../../../schemas/api/presence-notices.ts';

export interface PointerAt {
  readonly x: number;
  readonly y: number;
  /** Milliseconds since 1970, when it moved. */
  readonly movedAt: number;
}

/** More are in no session. */
const MAX_POINTERS = 256;

export class PointerStore {
  #pointers: ReadonlyMap<string, PointerAt> = new Map();
  readonly #listeners = new Set<() => void>();

  moved(at: PointersNotice['at'], nowMs: number): void {
    const next = new Map(this.#pointers);
    for (const { id, x, y } of at) next.set(id, { x, y, movedAt: nowMs });
    for (const id of next.keys()) {
      if (next.size <= MAX_POINTERS) break;
      next.delete(id);
    }
    this.#pointers = next;
    for (const listener of this.#listeners) listener();
  }

  readonly current = (): ReadonlyMap<string, PointerAt> => this.#pointers;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
