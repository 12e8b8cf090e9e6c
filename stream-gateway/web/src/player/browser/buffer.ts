// As much of Node's Buffer as the decoders need: a Uint8Array that reads numbers. Importing it puts it where they look for it.

export class ByteBuffer extends Uint8Array<ArrayBuffer> {
  static alloc(length: number): ByteBuffer {
    return new ByteBuffer(new ArrayBuffer(length));
  }

  static allocUnsafe(length: number): ByteBuffer {
    return new ByteBuffer(new ArrayBuffer(length));
  }

  static concat(parts: readonly Uint8Array[], length = parts.reduce((sum, part) => sum + part.length, 0)): ByteBuffer {
    const all = new ByteBuffer(new ArrayBuffer(length));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Of an ArrayBuffer the same memory, of numbers a copy. */
  static override from(source: unknown, ...place: readonly unknown[]): ByteBuffer {
    const [offset, length] = place.filter((value) => typeof value === 'number');
    if (source instanceof ArrayBuffer) return new ByteBuffer(source, offset, length);
    if (!(source instanceof Uint8Array) && !Array.isArray(source)) throw new TypeError('neither bytes nor memory');
    const bytes = new ByteBuffer(new ArrayBuffer(source.length));
    bytes.set(source);
    return bytes;
  }

  readUInt8(at = 0): number {
    return this.#view(at, 1).getUint8(0);
  }
  readUInt16BE(at = 0): number {
    return this.#view(at, 2).getUint16(0);
  }
  readUInt32BE(at = 0): number {
    return this.#view(at, 4).getUint32(0);
  }
  readInt32BE(at = 0): number {
    return this.#view(at, 4).getInt32(0);
  }

  copy(target: Uint8Array, targetStart = 0, start = 0, end = this.length): number {
    const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
    target.set(part, targetStart);
    return part.length;
  }

  /** As hexadecimal digits, or as UTF-8. */
  override toString(encoding?: string, start = 0, end = this.length): string {
    const part = this.subarray(start, end);
    return encoding === 'hex'
      ? Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('')
      : new TextDecoder().decode(part);
  }

  /** @throws RangeError outside of it */
  #view(at: number, bytes: number): DataView {
    if (at < 0 || at + bytes > this.length) throw new RangeError(`${bytes} bytes at ${at} of ${this.length}`);
    return new DataView(this.buffer, this.byteOffset + at, bytes);
  }
}

if (!('Buffer' in globalThis)) Object.assign(globalThis, { Buffer: ByteBuffer });
