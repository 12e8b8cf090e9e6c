// A zlib stream towards the browser: lives as long as the connection, ends each rectangle on a byte (Z_SYNC_FLUSH).
import { constants, Deflate, type ZlibOptions } from 'minizlib';

export class DeflateStream {
  readonly #deflate: Deflate;
  #output: Buffer[] = [];

  /** @param level 0 to 9 */
  constructor(level: number) {
    const options: ZlibOptions & { readonly chunkSize: number } = { level, flush: constants.Z_SYNC_FLUSH, chunkSize: 32 * 1024 };
    this.#deflate = new Deflate(options);
    this.#deflate.on('data', (data: Buffer) => this.#output.push(data));
  }

  deflate(bytes: Uint8Array): Buffer {
    this.#output = [];
    this.#deflate.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const [only = Buffer.alloc(0)] = this.#output;
    const all = this.#output.length === 1 ? only : Buffer.concat(this.#output);
    this.#output = [];
    return all;
  }

  /** Frees its memory, which is outside JavaScript's heap. */
  close(): void {
    this.#deflate.close();
  }
}
