// Rectangles that are no pixels of the screen and go to the browser as they came, with its next update: the latest of a kind.
import { ENCODING } from '../rfb/encodings.ts';
import type { WholeRectangle } from './decode/rectangle-collector.ts';

/**
 * A cursor above this is not passed on: a program in the session may show what it likes in one, and half a screen in a cursor
 * would be half a screen without a mark. The largest of the usual themes is 96.
 */
const MAX_CURSOR_SIDE = 96;

export class PassedRectangles {
  #waiting = new Map<string, Buffer>();

  get size(): number {
    return this.#waiting.size;
  }

  add({ header, bytes }: WholeRectangle): void {
    const cursor = header.encoding === ENCODING.cursor || header.encoding === ENCODING.vmwareCursor;
    if (cursor && (header.width > MAX_CURSOR_SIDE || header.height > MAX_CURSOR_SIDE)) return;
    // An answer "refused" (ExtendedDesktopSize: x is 1, y is not 0) must not hide a change of size.
    const refused = header.encoding === ENCODING.extendedDesktopSize && header.x === 1 && header.y !== 0;
    const kind = `${header.encoding}${refused ? ' refused' : ''}`;
    this.#waiting.delete(kind);
    this.#waiting.set(kind, Buffer.from(bytes)); // the collector writes over its bytes
  }

  /** All, a change of size first, for it is what places are counted in. */
  take(): readonly Buffer[] {
    const isSize = (kind: string): boolean =>
      kind === String(ENCODING.desktopSize) || kind === String(ENCODING.extendedDesktopSize);
    const all = [...this.#waiting];
    this.#waiting = new Map();
    return [...all.filter(([kind]) => isSize(kind)), ...all.filter(([kind]) => !isSize(kind))].map(([, bytes]) => bytes);
  }
}
