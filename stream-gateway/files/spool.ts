// Files on their way through the gateway: on disk, readable by it alone, together within a bound, and gone when they are
// done with. One process owns the folder, so what lies there at the start was left by a crash.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';

export interface SpoolOptions {
  readonly folder: string;
  /** Of all files together. */
  readonly maxBytes: number;
}

/** What one person may have of it: whoever announces large files, or reads slowly, must not leave nothing for the others. */
const OF_ONE_PERSON = 1 / 2;

export class FileSpool {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #held = new Map<string, number>();
  #bytes = 0;
  #ready: Promise<void> | undefined;

  constructor({ folder, maxBytes }: SpoolOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Of all files that are held now, with what is reserved for them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes the folder, and takes away what a crash left in it; once. */
  async open(): Promise<void> {
    this.#ready ??= this.#sweep();
    await this.#ready;
  }

  /**
   * @param reserve bytes that will come for sure
   * @param holder the person whose share it counts for; left out: it lives for no longer than the gateway itself needs it
   * @throws StreamSpaceError `FileSpoolFull`
   */
  async create(reserve = 0, holder?: string): Promise<SpooledFile> {
    await this.open();
    const taken = new Reservation((bytes) => this.#take(bytes, holder));
    taken.atLeast(reserve);
    const path = join(this.#folder, randomBytes(16).toString('hex'));
    try {
      return new SpooledFile(path, await open(path, 'wx+', 0o600), taken);
    } catch (error) {
      taken.release();
      throw error;
    }
  }

  #take(bytes: number, holder: string | undefined): void {
    if (bytes > 0 && this.#bytes + bytes > this.#maxBytes)
      throw new StreamSpaceError('FileSpoolFull', 'the gateway has no room for another file right now');
    if (holder !== undefined) {
      const held = (this.#held.get(holder) ?? 0) + bytes;
      if (bytes > 0 && held > this.#maxBytes * OF_ONE_PERSON)
        throw new StreamSpaceError('FileSpoolFull', 'your files on their way take all the room that one person may have');
      if (held > 0) this.#held.set(holder, held);
      else this.#held.delete(holder);
    }
    this.#bytes += bytes;
  }

  async #sweep(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) await rm(join(this.#folder, name), { force: true, recursive: true });
  }
}

class Reservation {
  readonly #take: (bytes: number) => void;
  #bytes = 0;

  constructor(take: (bytes: number) => void) {
    this.#take = take;
  }

  atLeast(bytes: number): void {
    if (bytes <= this.#bytes) return;
    this.#take(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  release(): void {
    this.#take(-this.#bytes);
    this.#bytes = 0;
  }
}

/** Dispose it when nobody reads it any more. */
export class SpooledFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #reserved: Reservation;
  readonly #writes = new Set<Promise<void>>();
  #bytes = 0;
  #open = true;
  #sealed = false;

  constructor(path: string, handle: FileHandle, reserved: Reservation) {
    this.path = path;
    this.#handle = handle;
    this.#reserved = reserved;
  }

  /** How far it has come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Nobody can change it any more. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** From here on its content is what it is, also for whoever still sends: what was judged is what goes on. */
  async seal(): Promise<void> {
    this.#sealed = true;
    await Promise.allSettled(this.#writes);
  }

  /** Writes at a position that is not beyond the end; what is there already is written again. @throws `FileSpoolFull` */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    if (this.#sealed) throw new TypeError('a sealed file is not written to');
    if (position > this.#bytes) throw new RangeError('a spooled file has no holes');
    this.#reserved.atLeast(position + chunk.length);
    const writing = this.#write(chunk, position);
    this.#writes.add(writing);
    await writing.finally(() => this.#writes.delete(writing));
  }

  async #write(chunk: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < chunk.length; )
      written += (await this.#handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
    this.#bytes = Math.max(this.#bytes, position + chunk.length);
  }

  /** The first bytes, fewer where there are not so many. */
  async head(length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(Math.min(length, this.#bytes)), 0, null, 0);
    return buffer.subarray(0, bytesRead);
  }

  /** @param range of bytes, both ends included; left out: all */
  async *read(range?: { readonly start: number; readonly end: number }): AsyncGenerator<Buffer> {
    if (this.#bytes === 0) return;
    yield* createReadStream(this.path, { ...range, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#reserved.release();
    await this.#handle.close();
    await rm(this.path, { force: true });
  }
}
