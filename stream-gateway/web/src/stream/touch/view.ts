// How the picture lies in the window while it is zoomed. Pure: sizes and places in CSS pixels.

export interface View {
  /** 1 is the whole picture. */
  readonly zoom: number;
  /** Where the corner of the screen lies, never right of or below the window's own. */
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const WHOLE: View = { zoom: 1, x: 0, y: 0 };
const MAX_ZOOM = 8;
/** A pinch back never ends at 1 exactly. */
const NEARLY_WHOLE = 1.03;

/** Nothing beside the screen is ever shown. */
export function clamped({ zoom, x, y }: View, window: Size): View {
  const within = Math.min(MAX_ZOOM, Math.max(1, zoom));
  const place = (at: number, size: number): number => Math.min(0, Math.max(size - size * within, at));
  return { zoom: within, x: place(x, window.width), y: place(y, window.height) };
}

/** What is under `at` stays there. */
export function zoomed(view: View, window: Size, at: Point, factor: number): View {
  const zoom = Math.min(MAX_ZOOM, Math.max(1, view.zoom * factor));
  const by = zoom / view.zoom;
  return clamped({ zoom, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }, window);
}

export function panned(view: View, window: Size, dx: number, dy: number): View {
  return clamped({ ...view, x: view.x + dx, y: view.y + dy }, window);
}

/** Moved just so far that `at` is in the window and not at its very edge. */
export function showing(view: View, window: Size, at: Point): View {
  const off = (place: number, size: number): number => {
    const margin = Math.min(32, size / 4);
    return place < margin ? margin - place : place > size - margin ? size - margin - place : 0;
  };
  return panned(view, window, off(at.x, window.width), off(at.y, window.height));
}

export const settled = (view: View): View => (view.zoom < NEARLY_WHOLE ? WHOLE : view);
