// Whole rectangles from the pieces of the parser, which are as the network cut them.

import type { ServerPiece } from '../../rfb/server-messages.ts';
import type { Rectangle } from '../../rfb/source.ts';

const HEADER_BYTES = 12;
const EMPTY = Buffer.alloc(0);
/** Memory for the next rectangle. What a larger one took is given back. */
const MAX_KEPT_BYTES = 1024 * 1024;

export interface WholeRectangle {
  readonly header: Rectangle;
  /** Header and body; valid until the next piece is added. */
  readonly bytes: Buffer;
  readonly body: Buffer;
}

/**
 * Memory: what the rectangle has so far, doubled at most. It is copied together at once, because a chunk of a few bytes holds
 * far more memory than its length says.
 */
export class RectangleCollector {
  #held: Buffer = EMPTY;
  #heldBytes = 0;

  /** @param piece of a reader that splits rectangles; between them it is ignored */
  add(piece: ServerPiece): WholeRectangle | undefined {
    const { rectangle } = piece;
    if (rectangle === undefined) return undefined;
    if (!rectangle.end || this.#heldBytes > 0) this.#hold(piece.bytes);
    if (!rectangle.end) return undefined;
    const bytes = this.#heldBytes > 0 ? this.#held.subarray(0, this.#heldBytes) : piece.bytes;
    this.#heldBytes = 0;
    if (this.#held.length > MAX_KEPT_BYTES) this.#held = EMPTY;
    return { header: rectangle.header, bytes, body: bytes.subarray(HEADER_BYTES) };
  }

  #hold(bytes: Buffer): void {
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#held.length, 4096));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = needed;
  }
}
