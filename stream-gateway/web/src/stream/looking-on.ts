// Who only looks on still points: the gateway shows it to the others and lets none of it through. noVNC sends nothing then, so
// it goes beside it: a PointerEvent without buttons (RFC 6143, 7.5.5), ten times a second at most.
const EVERY_MS = 100;

export function pointWhileLookingOn(
  target: HTMLElement,
  socket: Pick<WebSocket, 'send' | 'addEventListener' | 'readyState'>,
  looksOn: () => boolean,
): void {
  let sentAt = 0;
  const onMove = (event: PointerEvent): void => {
    const canvas = target.querySelector('canvas');
    if (canvas === null || !looksOn() || event.timeStamp - sentAt < EVERY_MS) return;
    const at = positionOn(canvas, event);
    if (at === null || socket.readyState !== WebSocket.OPEN) return;
    sentAt = event.timeStamp;
    socket.send(pointerEvent(at));
  };
  target.addEventListener('pointermove', onMove);
  socket.addEventListener('close', () => target.removeEventListener('pointermove', onMove));
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** In pixels of the desktop; null beside it. */
export function positionOn(
  canvas: Pick<HTMLCanvasElement, 'width' | 'height' | 'getBoundingClientRect'>,
  { clientX, clientY }: Pick<PointerEvent, 'clientX' | 'clientY'>,
): Point | null {
  const shown = canvas.getBoundingClientRect();
  if (shown.width === 0 || shown.height === 0) return null;
  const x = Math.floor(((clientX - shown.left) * canvas.width) / shown.width);
  const y = Math.floor(((clientY - shown.top) * canvas.height) / shown.height);
  return x < 0 || y < 0 || x >= canvas.width || y >= canvas.height ? null : { x, y };
}

/** RFC 6143, 7.5.5. @param buttons a bit each: left, middle, right, wheel up, down, left, right */
export function pointerEvent({ x, y }: Point, buttons = 0): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(6));
  bytes.setUint8(0, 5);
  bytes.setUint8(1, buttons & 0x7f);
  bytes.setUint16(2, clamped(x));
  bytes.setUint16(4, clamped(y));
  return new Uint8Array(bytes.buffer);
}

/** A number that wraps around would be another place. */
function clamped(value: number): number {
  return Math.max(0, Math.min(0xffff, Math.round(value)));
}
