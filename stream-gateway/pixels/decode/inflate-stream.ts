// A zlib stream that lives as long as its connection and is read rectangle by rectangle, synchronously. Node's zlib has no
// such thing in public; minizlib gives it (npm's own tar reader stands on it), about three times as fast as pako.
import { Inflate, type ZlibOptions } from 'minizlib';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** Deflate makes at most 1032 bytes of one. */
const MAX_RATIO = 1032;
/** What an input may expand to beyond its announcement before it is looked at: less would cut honest input into crumbs. */
const SLACK_BYTES = 1024 * 1024;

/** `chunkSize` is Node's, which minizlib passes on without naming it. */
const OPTIONS: ZlibOptions & { readonly chunkSize: number } = { chunkSize: 64 * 1024 };

export class InflateStream {
  #inflate: Inflate | undefined;
  #output: Buffer[] = [];
  #outputBytes = 0;
  #failed = false;

  /**
   * What `bytes`, the next of the stream, expand to. At no time more than twice `maxBytes` and 1 MiB are held, whatever a
   * few bytes claim to be. @throws RfbMalformed when it is no zlib, or more than `maxBytes`; the stream is of no use then
   */
  inflate(bytes: Buffer, maxBytes: number): Buffer {
    const stream = this.#open();
    this.#output = [];
    this.#outputBytes = 0;
    for (let offset = 0; offset < bytes.length; ) {
      const room = 2 * maxBytes + SLACK_BYTES - this.#outputBytes;
      const count = Math.max(1, Math.floor(room / MAX_RATIO));
      stream.write(bytes.subarray(offset, offset + count));
      offset += count;
      if (this.#failed) throw new StreamSpaceError('RfbMalformed', 'compressed pixels that are not zlib');
      if (this.#outputBytes > maxBytes)
        throw new StreamSpaceError('RfbMalformed', `compressed pixels of more than ${maxBytes} bytes`);
    }
    const [only = Buffer.alloc(0)] = this.#output;
    const all = this.#output.length === 1 ? only : Buffer.concat(this.#output, this.#outputBytes);
    this.#output = [];
    return all;
  }

  /** As {@link inflate}. @throws RfbMalformed also when it is less than `count` bytes */
  inflateExactly(bytes: Buffer, count: number): Buffer {
    const all = this.inflate(bytes, count);
    if (all.length < count)
      throw new StreamSpaceError('RfbMalformed', `compressed pixels of ${all.length} bytes where ${count} are needed`);
    return all;
  }

  /** The next bytes begin a new stream. */
  reset(): void {
    this.close();
    this.#failed = false;
  }

  /** Frees its memory, which is outside JavaScript's heap. */
  close(): void {
    this.#inflate?.close();
    this.#inflate = undefined;
  }

  #open(): Inflate {
    if (this.#inflate !== undefined) return this.#inflate;
    const stream = new Inflate(OPTIONS);
    stream.on('data', (data: Buffer) => {
      this.#output.push(data);
      this.#outputBytes += data.length;
    });
    stream.on('error', () => {
      this.#failed = true;
    });
    this.#inflate = stream;
    return stream;
  }
}
