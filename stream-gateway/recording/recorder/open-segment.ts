// The segment that is being written, as a file of the spool. What has been written survives the end of the process; the end of the
// machine costs the open segment at most, since it is flushed to the disk when it is closed.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { nextChain } from '../format/chain.ts';
import type { RecordingEvent } from '../format/event.ts';
import { type SegmentEntry, segmentFile } from '../format/manifest.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import { SegmentWriter } from '../format/segment-writer.ts';
import { fileError, syncFolder } from '../storage/files.ts';

export interface ClosedSegment {
  readonly entry: SegmentEntry;
  readonly chain: Buffer;
}

/** A disk that takes longer for a few bytes is as good as broken. */
const MAX_WRITE_MS = 10_000;

export class OpenSegment {
  readonly #writer: SegmentWriter;
  readonly #folder: string;
  readonly #handle: FileHandle;
  #unwritten: Buffer[] = [];
  #writing: Promise<void> = Promise.resolve();
  #writingSince: number | undefined;
  #failure: unknown;

  private constructor(handle: FileHandle, folder: string, header: Omit<SegmentHeader, 'noncePrefix'>, key: Buffer | undefined) {
    this.#handle = handle;
    this.#folder = folder;
    this.#writer = new SegmentWriter(header, (bytes) => this.#unwritten.push(bytes), key);
  }

  /** @param folder of the recording in the spool @throws StorageFull, StorageFailed */
  static async create(folder: string, header: Omit<SegmentHeader, 'noncePrefix'>, key: Buffer | undefined): Promise<OpenSegment> {
    const path = join(folder, segmentFile(header.number));
    try {
      return new OpenSegment(await open(path, 'wx', 0o600), folder, header, key);
    } catch (error) {
      throw fileError(error, `segment ${header.number}`);
    }
  }

  get header(): SegmentHeader {
    return this.#writer.header;
  }
  get bytes(): number {
    return this.#writer.bytes;
  }
  /** Of its last record, since the recording began. */
  get endMs(): number {
    return this.#writer.header.startMs + this.#writer.timeMs;
  }

  /** @param atMs since the recording began @throws StorageFull, StorageFailed */
  async update(atMs: number, parts: readonly Buffer[]): Promise<void> {
    this.#writer.update(atMs - this.header.startMs, parts);
    await this.flush();
  }

  /** Written with what comes next, or with {@link flush}. */
  event(atMs: number, event: RecordingEvent): void {
    this.#writer.event(atMs - this.header.startMs, event);
  }

  tick(atMs: number): void {
    this.#writer.tick(atMs - this.header.startMs);
  }

  /** Throws when the disk has let us wait for too long. @param nowMs of `performance.now()` @throws StorageFailed */
  checkDisk(nowMs: number): void {
    if (this.#writingSince !== undefined && nowMs - this.#writingSince > MAX_WRITE_MS)
      throw new StreamSpaceError(
        'StorageFailed',
        `the disk of the spool has taken more than ${MAX_WRITE_MS / 1000} s for a write`,
      );
  }

  /** Resolves when everything so far is in the file. One write at a time. @throws StorageFull, StorageFailed */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The last record, flushed to the disk. @throws StorageFull, StorageFailed */
  async close(atMs: number): Promise<ClosedSegment> {
    const sha256 = this.#writer.end(atMs - this.header.startMs);
    try {
      await this.flush();
      await this.#handle.sync();
      await syncFolder(this.#folder);
    } catch (error) {
      throw fileError(error, `segment ${this.header.number}`);
    } finally {
      await this.#handle.close().catch(() => undefined);
    }
    const { number, startMs, width, height, previousChain } = this.header;
    const chain = nextChain(previousChain, sha256);
    const hashes = { sha256: sha256.toString('hex'), chain: chain.toString('hex') };
    const place = { number, file: segmentFile(number), startMs, endMs: this.endMs };
    return { chain, entry: { ...place, bytes: this.bytes, ...hashes, width, height, closed: true } };
  }

  /** After an error: the file stays as it is, for the spool to look what of it is whole. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  /** Nothing of it is wanted. */
  async discard(): Promise<void> {
    await this.abandon();
    await rm(join(this.#folder, segmentFile(this.header.number)), { force: true });
  }

  async #write(): Promise<void> {
    if (this.#failure !== undefined || this.#unwritten.length === 0) return;
    const parts = this.#unwritten;
    this.#unwritten = [];
    this.#writingSince = performance.now();
    try {
      await this.#handle.appendFile(parts.length === 1 ? (parts[0] ?? '') : Buffer.concat(parts));
    } catch (error) {
      this.#failure = fileError(error, `segment ${this.header.number}`);
    } finally {
      this.#writingSince = undefined;
    }
  }
}
