// Pointer, wheel, keys and composed text of a further window, sent through the main one. Keys go to a field out of sight, because
// only into a field do input methods and dead keys compose; what they have composed is typed.
import type { Area } from '../../stream/displays/painted.ts';
import type { Attachment } from '../../stream/displays/protocol.ts';

interface InputPorts {
  readonly canvas: HTMLCanvasElement;
  readonly field: HTMLTextAreaElement;
  readonly attachment: Attachment;
  /** In pixels of the desktop. */
  readonly screen: Area;
}

/** Bits of RFB (RFC 6143, 7.5.5) for those of `PointerEvent.buttons`. */
const BUTTONS = [
  [1, 1],
  [2, 4],
  [4, 2],
] as const;
const WHEEL = { up: 8, down: 16, left: 32, right: 64 } as const;
/** As noVNC counts: pixels for one step, and pixels of a line where the wheel counts in lines. */
const WHEEL_STEP = 50;
const WHEEL_LINE = 19;

export class FurtherInput implements Disposable {
  readonly #ports: InputPorts;
  readonly #listening = new AbortController();
  #wheel = { x: 0, y: 0 };

  constructor(ports: InputPorts) {
    this.#ports = ports;
    const { canvas, field } = ports;
    const { signal } = this.#listening;
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    canvas.addEventListener('pointermove', (event) => this.#point(event), { signal });
    canvas.addEventListener('pointerup', (event) => this.#point(event), { signal });
    canvas.addEventListener('wheel', (event) => this.#turn(event), { signal, passive: false });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    for (const type of ['keydown', 'keyup'] as const) field.addEventListener(type, (event) => this.#key(type, event), { signal });
    field.addEventListener('compositionend', (event) => this.#composed(event.data), { signal });
    field.addEventListener('input', () => this.#clear(), { signal });
    field.addEventListener('blur', () => ports.attachment.releaseKeys(), { signal });
    window.addEventListener('focus', () => this.focus(), { signal });
    this.focus();
  }

  focus(): void {
    // A panel that is open keeps its keys.
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) this.#ports.field.focus({ preventScroll: true });
  }

  [Symbol.dispose](): void {
    this.#listening.abort();
    this.#ports.attachment.releaseKeys();
  }

  #down(event: PointerEvent): void {
    const { canvas, field } = this.#ports;
    // What is drawn beyond the edge goes on on the screen beside it.
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
    field.focus({ preventScroll: true });
    this.#point(event);
  }

  #point(event: PointerEvent): void {
    const mask = maskOf(event.buttons);
    this.#ports.attachment.point(this.#placeOf(event), mask);
  }

  #turn(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : WHEEL_LINE;
    this.#wheel.x += event.deltaX * unit;
    this.#wheel.y += event.deltaY * unit;
    const held = maskOf(event.buttons);
    const at = this.#placeOf(event);
    const step = (button: number): void => {
      this.#ports.attachment.point(at, held | button);
      this.#ports.attachment.point(at, held);
    };
    if (Math.abs(this.#wheel.x) >= WHEEL_STEP) {
      step(this.#wheel.x < 0 ? WHEEL.left : WHEEL.right);
      this.#wheel.x = 0;
    }
    if (Math.abs(this.#wheel.y) >= WHEEL_STEP) {
      step(this.#wheel.y < 0 ? WHEEL.up : WHEEL.down);
      this.#wheel.y = 0;
    }
  }

  #key(type: 'keydown' | 'keyup', event: KeyboardEvent): void {
    if (event.isComposing || event.key === 'Process' || event.key === 'Dead') return;
    if (this.#ports.attachment.key(type, keyInit(event))) event.preventDefault();
  }

  #composed(data: string): void {
    const { viewer, mayControl } = this.#ports.attachment.link();
    if (mayControl) viewer?.type(data);
    this.#clear();
  }

  #clear(): void {
    this.#ports.field.value = '';
  }

  /** In pixels of the desktop, also beside this screen: that is where its neighbour is. */
  #placeOf({ clientX, clientY }: MouseEvent): { readonly x: number; readonly y: number } {
    const { canvas, screen } = this.#ports;
    const shown = canvas.getBoundingClientRect();
    const x = screen.x + Math.floor(((clientX - shown.left) * screen.width) / Math.max(1, shown.width));
    const y = screen.y + Math.floor(((clientY - shown.top) * screen.height) / Math.max(1, shown.height));
    const all = this.#ports.attachment.canvas();
    return {
      x: between(x, (all?.width ?? screen.x + screen.width) - 1),
      y: between(y, (all?.height ?? screen.y + screen.height) - 1),
    };
  }
}

function maskOf(buttons: number): number {
  return BUTTONS.reduce((mask, [bit, rfb]) => ((buttons & bit) === 0 ? mask : mask | rfb), 0);
}

function between(value: number, max: number): number {
  return Math.max(0, Math.min(max, value));
}

/** Whatever noVNC looks at when it decides which key it was. */
function keyInit(event: KeyboardEvent): KeyboardEventInit {
  const { key, code, location, repeat, ctrlKey, shiftKey, altKey, metaKey } = event;
  return {
    ...{ key, code, location, repeat, ctrlKey, shiftKey, altKey, metaKey },
    modifierAltGraph: event.getModifierState('AltGraph'),
    modifierCapsLock: event.getModifierState('CapsLock'),
    modifierNumLock: event.getModifierState('NumLock'),
  };
}
