// Takes every touch on the desktop before noVNC's own recogniser sees it, and does what it means: mouse events on the canvas,
// which noVNC sends on (and draws the pointer for), and a screen that is larger than the window while it is zoomed.
import { type Finger, GestureRecogniser } from './gestures.ts';
import { type Button, type Deed, deedsOf, type PointerMode } from './pointing.ts';
import { clamped, type Point, panned, type Size, settled, showing, type View, WHOLE, zoomed } from './view.ts';

export interface TouchLayerPorts {
  /** The element of the page that holds the canvas, as large as the window where it is not zoomed. */
  readonly target: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Fingers came down: whoever touches the desktop means it, and no longer the bar. */
  readonly onTouched: () => void;
  readonly onZoom: (options: { readonly zoomed: boolean }) => void;
}

export interface TouchLayer {
  setMode(mode: PointerMode): void;
  remove(): void;
}

const BUTTONS: Readonly<Record<Button, { readonly button: number; readonly buttons: number }>> = {
  left: { button: 0, buttons: 1 },
  middle: { button: 1, buttons: 4 },
  right: { button: 2, buttons: 2 },
};
const TYPES = { touchstart: 'start', touchmove: 'move', touchend: 'end', touchcancel: 'cancel' } as const;

export function createTouchLayer({ target, canvas, onTouched, onZoom }: TouchLayerPorts): TouchLayer {
  const recogniser = new GestureRecogniser();
  const gone = new AbortController();
  const around = target.parentElement ?? document.body;
  let mode: PointerMode = 'touchscreen';
  let view: View = WHOLE;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** As parts of the picture, so that it stays where it is when the view moves. */
  let pointer: Point = { x: 0.5, y: 0.5 };
  let pressed = 0;

  const size = (): Size => ({ width: around.clientWidth, height: around.clientHeight });
  const place = (): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: left + pointer.x * width, y: top + pointer.y * height };
  };
  const moveTo = ({ x, y }: Point): void => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const part = (at: number): number => Math.min(0.9999, Math.max(0, at));
    pointer = { x: part((x - left) / Math.max(1, width)), y: part((y - top) / Math.max(1, height)) };
    mouse('mousemove', 0);
  };
  const mouse = (type: string, button: number): void => {
    const { x, y } = place();
    const at = { clientX: x, clientY: y, button, buttons: pressed };
    targetOf(canvas, type).dispatchEvent(new MouseEvent(type, { ...at, bubbles: true, cancelable: true }));
  };
  const press = (button: Button, down: boolean): void => {
    const { button: number, buttons } = BUTTONS[button];
    pressed = down ? pressed | buttons : pressed & ~buttons;
    mouse(down ? 'mousedown' : 'mouseup', number);
  };
  const show = (next: View): void => {
    if (next.zoom === view.zoom && next.x === view.x && next.y === view.y) return;
    if (next.zoom > 1 !== view.zoom > 1) onZoom({ zoomed: next.zoom > 1 });
    view = next;
    const [{ width, height }, { style }] = [size(), target];
    const whole = next.zoom === 1;
    style.inset = whole ? '' : 'auto';
    style.left = whole ? '' : `${next.x}px`;
    style.top = whole ? '' : `${next.y}px`;
    style.width = whole ? '' : `${width * next.zoom}px`;
    style.height = whole ? '' : `${height * next.zoom}px`;
  };

  const act = (deed: Deed): void => {
    switch (deed.deed) {
      case 'moveTo':
        moveTo(deed);
        return;
      case 'moveBy': {
        const { x, y } = place();
        moveTo({ x: x + deed.dx, y: y + deed.dy });
        show(showing(view, size(), place()));
        return;
      }
      case 'press':
        press(deed.button, true);
        return;
      case 'release':
        press(deed.button, false);
        return;
      case 'click':
        press(deed.button, true);
        press(deed.button, false);
        return;
      case 'wheel': {
        const { x, y } = place();
        const by = { deltaX: deed.dx, deltaY: deed.dy, clientX: x, clientY: y };
        canvas.dispatchEvent(new WheelEvent('wheel', { ...by, bubbles: true, cancelable: true }));
        return;
      }
      case 'zoom':
        show(panned(zoomed(view, size(), deed, deed.factor), size(), deed.dx, deed.dy));
        return;
      case 'pan':
        show(panned(view, size(), deed.dx, deed.dy));
        return;
    }
  };
  const wake = (): void => {
    clearTimeout(timer);
    const due = recogniser.dueAt;
    if (due === null) return;
    timer = setTimeout(() => {
      const gestures = recogniser.tick(performance.now());
      if (gestures.length > 0) navigator.vibrate?.(10);
      for (const gesture of gestures) for (const deed of deedsOf(gesture, mode)) act(deed);
      wake();
    }, due - performance.now());
  };
  const onTouch =
    (type: keyof typeof TYPES) =>
    (event: TouchEvent): void => {
      event.stopPropagation();
      if (type === 'touchstart') onTouched();
      event.preventDefault(); // no mouse events and no zoom of the page from the browser
      for (const { identifier, clientX, clientY } of event.changedTouches) {
        const finger: Finger = { type: TYPES[type], id: identifier, x: clientX, y: clientY, at: performance.now() };
        for (const gesture of recogniser.touch(finger)) for (const deed of deedsOf(gesture, mode)) act(deed);
      }
      if (event.touches.length === 0) show(settled(view));
      wake();
    };

  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel'] as const)
    target.addEventListener(type, onTouch(type), { capture: true, passive: false, signal: gone.signal });
  // A device that is turned round, and a keyboard that comes up.
  const resized = new ResizeObserver(() => {
    if (view.zoom === 1) return;
    const before = view;
    view = { ...WHOLE, zoom: before.zoom }; // the same place in a window of another size
    show(clamped(before, size()));
  });
  resized.observe(around);
  return {
    setMode: (next) => {
      if (next === 'touchpad' && mode !== next) mouse('mousemove', 0); // so that one sees where it is
      mode = next;
    },
    remove: () => {
      gone.abort();
      resized.disconnect();
      clearTimeout(timer);
      show(WHOLE);
    },
  };
}

/** While a button is down noVNC lays an element over the page, as browsers did with setCapture, until that hears of its end. */
function targetOf(canvas: HTMLCanvasElement, type: string): HTMLElement {
  const captured = document.getElementById('noVNC_mouse_capture_elem');
  return type === 'mousedown' || captured === null || captured.style.display === 'none' ? canvas : captured;
}
