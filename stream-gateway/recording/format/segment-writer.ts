// A segment as it grows: bytes to be appended, and the hash of all of them.
import { createHash, randomBytes } from 'node:crypto';
import type { RecordingEvent } from './event.ts';
import { MAX_PAYLOAD_BYTES, type RecordKind, RecordSeal } from './record.ts';
import { NONCE_PREFIX_BYTES, type SegmentHeader, writeSegmentHeader } from './segment-header.ts';

const EMPTY = Buffer.alloc(0);

/** What `write` gives is to be appended to the file, in the order of the calls; the first is the header. */
export class SegmentWriter {
  readonly header: SegmentHeader;
  readonly #seal: RecordSeal;
  readonly #hash = createHash('sha256');
  readonly #write: (bytes: Buffer) => void;
  #bytes = 0;
  #timeMs = 0;

  /** @param key the recording's data key, 32 bytes; left out: the segment is not encrypted */
  constructor(header: Omit<SegmentHeader, 'noncePrefix'>, write: (bytes: Buffer) => void, key?: Buffer) {
    const noncePrefix = key === undefined ? undefined : randomBytes(NONCE_PREFIX_BYTES);
    this.header = { ...header, noncePrefix };
    this.#write = write;
    const bytes = writeSegmentHeader(this.header);
    this.#seal = new RecordSeal(bytes, key === undefined || noncePrefix === undefined ? undefined : { key, noncePrefix });
    this.#append(bytes);
  }

  /** Of the whole segment so far. */
  get bytes(): number {
    return this.#bytes;
  }
  /** Of the last record, since the segment began. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** One or more whole FramebufferUpdates in the pinned pixel format (RFC 6143, 7.6.1). @param parts their bytes, in any cut */
  update(timeMs: number, parts: readonly Buffer[]): void {
    const message = parts.length === 1 ? (parts[0] ?? EMPTY) : Buffer.concat(parts);
    for (let from = 0; from < message.length; from += MAX_PAYLOAD_BYTES) {
      const to = Math.min(message.length, from + MAX_PAYLOAD_BYTES);
      this.#record('update', timeMs, message.subarray(from, to), to < message.length);
    }
  }

  event(timeMs: number, event: RecordingEvent): void {
    this.#record('event', timeMs, Buffer.from(JSON.stringify(event)), false);
  }

  /** Up to here nothing changed. */
  tick(timeMs: number): void {
    this.#record('tick', timeMs, EMPTY, false);
  }

  /** The last record. @returns the SHA-256 of the segment */
  end(timeMs: number): Buffer {
    this.#record('end', timeMs, EMPTY, false);
    return this.#hash.digest();
  }

  #record(kind: RecordKind, timeMs: number, payload: Buffer, more: boolean): void {
    // A clock read by several callers may seem to go back by a fraction; a recording never does.
    this.#timeMs = Math.max(this.#timeMs, Math.round(timeMs));
    this.#append(this.#seal.seal({ kind, timeMs: this.#timeMs, payload, more }));
  }

  #append(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#write(bytes);
  }
}
