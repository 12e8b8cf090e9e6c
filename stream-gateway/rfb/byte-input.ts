// Bytes as they come, read as the pieces a parser wants. Whatever the cut, each byte is copied at most twice.

const EMPTY = Buffer.alloc(0);

/**
 * Holds at most one chunk (not copied) and the part of one item that the chunks so far did not complete. `push` the next
 * chunk only when the last answer said that there is too little.
 */
export class ByteInput {
  #chunk: Buffer = EMPTY;
  #offset = 0;
  #held: Buffer = EMPTY;
  #heldBytes = 0;
  #copiedBytes = 0;

  /** How many bytes were copied so far: what a test of linear cost counts. */
  get copiedBytes(): number {
    return this.#copiedBytes;
  }

  /** Bytes kept from chunks that are gone. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  push(chunk: Buffer): void {
    // A reader that left bytes behind would lose them here; it is a bug in the reader, not in the stream.
    if (this.#offset < this.#chunk.length) throw new RangeError('the last chunk is not read to its end');
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Whether there is nothing, of this chunk or of those before. */
  get isEmpty(): boolean {
    return this.#heldBytes === 0 && this.#offset === this.#chunk.length;
  }

  /** Where the next byte is, unless it was kept from a chunk that is gone: then undefined. */
  get place(): { readonly chunk: Buffer; readonly offset: number } | undefined {
    return this.#heldBytes === 0 ? { chunk: this.#chunk, offset: this.#offset } : undefined;
  }

  /** The next byte, not consumed. */
  peekByte(): number | undefined {
    return this.#heldBytes === 0 ? this.#chunk[this.#offset] : this.#held[0];
  }

  /** The next `count` bytes, not consumed; undefined when they are not all there yet. */
  peek(count: number): Buffer | undefined {
    const left = this.#chunk.length - this.#offset;
    if (this.#heldBytes === 0 && left >= count) return this.#chunk.subarray(this.#offset, this.#offset + count);
    if (this.#heldBytes < count) this.#hold(count, left);
    return this.#heldBytes < count ? undefined : this.#held.subarray(0, count);
  }

  /** The next `count` bytes, consumed; undefined when they are not all there yet. `count` is at least that of the last peek. */
  take(count: number): Buffer | undefined {
    const bytes = this.peek(count);
    if (bytes === undefined) return undefined;
    if (this.#heldBytes === 0) this.#offset += count;
    else {
      this.#held = EMPTY; // whoever took it owns it now
      this.#heldBytes = 0;
    }
    return bytes;
  }

  /** What is there of the next `count` bytes, consumed; undefined when there is nothing at all. Copies nothing. */
  takeSome(count: number): Buffer | undefined {
    const end = Math.min(this.#chunk.length, this.#offset + count);
    if (end === this.#offset) return undefined;
    const isAll = this.#offset === 0 && end === this.#chunk.length;
    const bytes = isAll ? this.#chunk : this.#chunk.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  /** Everything that was not read, consumed. */
  takeRest(): Buffer {
    const rest = this.#chunk.subarray(this.#offset);
    this.#offset = this.#chunk.length;
    const held = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes = 0;
    return held.length === 0 ? rest : Buffer.concat([held, rest]);
  }

  #hold(count: number, left: number): void {
    if (this.#held.length < count) {
      const larger = Buffer.allocUnsafe(count);
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#copiedBytes += this.#heldBytes;
      this.#held = larger;
    }
    const more = Math.min(count - this.#heldBytes, left);
    this.#chunk.copy(this.#held, this.#heldBytes, this.#offset, this.#offset + more);
    this.#offset += more;
    this.#heldBytes += more;
    this.#copiedBytes += more;
  }
}

/** Both as one, without a copy, where the second follows the first in memory; else undefined. */
export function joined(first: Buffer, second: Buffer): Buffer | undefined {
  if (!isNext(first, first.length, second)) return undefined;
  return Buffer.from(first.buffer, first.byteOffset, first.length + second.length);
}

/** Whether `second` follows in memory what begins as `first` does and has `length` bytes. */
export function isNext(first: Buffer, length: number, second: Buffer): boolean {
  return first.buffer === second.buffer && first.byteOffset + length === second.byteOffset;
}
