// Bytes of one rectangle, read from front to back; asking for more than there is means that the sender has lied.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { PixelReader } from '../pixel-reader.ts';

export class ByteCursor {
  readonly bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Where the next `count` bytes begin, which are read with this. @throws RfbMalformed when there are fewer */
  skip(count: number): number {
    const start = this.#offset;
    if (count > this.bytes.length - start)
      throw new StreamSpaceError('RfbMalformed', `a rectangle ends ${count - (this.bytes.length - start)} bytes too early`);
    this.#offset = start + count;
    return start;
  }

  u8(): number {
    return this.bytes.readUInt8(this.skip(1));
  }
  u16(): number {
    return this.bytes.readUInt16BE(this.skip(2));
  }
  u32(): number {
    return this.bytes.readUInt32BE(this.skip(4));
  }
  take(count: number): Buffer {
    const start = this.skip(count);
    return this.bytes.subarray(start, start + count);
  }
  pixel(reader: PixelReader): number {
    return reader.read(this.bytes, this.skip(reader.bytes));
  }
  /** The next pixels into `into` from its index `at` on. */
  pixels(reader: PixelReader, count: number, into: Uint32Array, at = 0): void {
    let offset = this.skip(count * reader.bytes);
    for (let index = at; index < at + count; index += 1, offset += reader.bytes) into[index] = reader.read(this.bytes, offset);
  }

  /** @throws RfbMalformed when bytes are left */
  end(): void {
    const left = this.bytes.length - this.#offset;
    if (left > 0) throw new StreamSpaceError('RfbMalformed', `${left} bytes too many in a rectangle`);
  }
}
