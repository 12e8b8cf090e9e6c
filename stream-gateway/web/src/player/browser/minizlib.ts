// In the place of `minizlib` in a browser: noVNC's zlib, read to the end of what there is after every write.
import { inflate, inflateInit } from 'novnc-zlib/inflate';
import ZStream from 'novnc-zlib/zstream';

const CHUNK_BYTES = 64 * 1024;
const OK = 0;
const END = 1;
const NOTHING_TO_DO = -5;

export type ZlibOptions = Readonly<Record<string, unknown>>;

export class Inflate {
  readonly #stream = new ZStream();
  #onData: (data: Uint8Array) => void = () => undefined;
  #onError: () => void = () => undefined;
  #ended = false;

  constructor(_options: ZlibOptions) {
    inflateInit(this.#stream);
  }

  on(event: 'data', listener: (data: Uint8Array) => void): this;
  on(event: 'error', listener: () => void): this;
  on(event: 'data' | 'error', listener: (data: Uint8Array) => void): this {
    if (event === 'data') this.#onData = listener;
    else this.#onError = () => listener(new Uint8Array(0));
    return this;
  }

  write(bytes: Uint8Array): void {
    const stream = this.#stream;
    stream.input = bytes;
    stream.next_in = 0;
    stream.avail_in = bytes.length;
    while (!this.#ended) {
      stream.output = new Uint8Array(CHUNK_BYTES);
      stream.next_out = 0;
      stream.avail_out = CHUNK_BYTES;
      const code = inflate(stream, 0);
      if (code !== OK && code !== END && code !== NOTHING_TO_DO) {
        this.#ended = true;
        this.#onError();
        return;
      }
      this.#ended = code === END;
      if (stream.next_out > 0) this.#onData(Buffer.from(stream.output.buffer, 0, stream.next_out));
      // Room that was left means that there is no more to come of these bytes.
      if (stream.avail_out > 0) return;
    }
  }

  close(): void {
    this.#ended = true;
    this.#stream.input = null;
  }
}
