// One record of a segment: the smallest thing that survives a cut. Compressed where that pays, then either with a checksum or
// encrypted with AES-256-GCM in the manner of STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce is the segment's prefix,
// the record's number and whether it is the last, so nothing can be left out, moved or cut without notice.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** `update`: bytes of an RFB FramebufferUpdate. `event`: JSON. `tick`: nothing changed up to here. `end`: the segment is closed. */
export type RecordKind = 'update' | 'event' | 'tick' | 'end';

export interface SegmentRecord {
  readonly kind: RecordKind;
  /** Since the segment began; never less than in the record before. */
  readonly timeMs: number;
  readonly payload: Buffer;
  /** The message goes on in the next record. */
  readonly more: boolean;
}

/** What is read before the body. */
export interface RecordHead {
  readonly kind: RecordKind;
  readonly deflated: boolean;
  readonly more: boolean;
  readonly timeMs: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
}

export const RECORD_HEAD_BYTES = 16;
/** Of a payload before compression: what a reader may have to keep. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
const KINDS: readonly (RecordKind | undefined)[] = [undefined, 'update', 'event', 'tick', 'end'];
const DEFLATED = 1;
const MORE = 2;
const CRC_BYTES = 4;
const TAG_BYTES = 16;
/** Below this zlib gains nothing. */
const MIN_DEFLATED_BYTES = 64;

/** @throws RecordingMalformed */
export function readRecordHead(bytes: Buffer): RecordHead {
  const kind = KINDS[bytes.readUInt8(0)];
  const flags = bytes.readUInt8(1);
  const rawBytes = bytes.readUInt32BE(8);
  const storedBytes = bytes.readUInt32BE(12);
  if (kind === undefined || flags > 3 || bytes.readUInt16BE(2) !== 0)
    throw new StreamSpaceError('RecordingMalformed', `a record of kind ${bytes.readUInt8(0)} with flags ${flags}`);
  // A packed record is never longer than its content: what does not shrink is stored as it is.
  if (rawBytes > MAX_PAYLOAD_BYTES || storedBytes > rawBytes)
    throw new StreamSpaceError('RecordingMalformed', `a record of ${storedBytes} bytes for ${rawBytes}`);
  const deflated = (flags & DEFLATED) !== 0;
  return { kind, deflated, more: (flags & MORE) !== 0, timeMs: bytes.readUInt32BE(4), rawBytes, storedBytes };
}

/** Writes and reads the records of one segment, in their order. */
export class RecordSeal {
  readonly #key: Buffer | undefined;
  readonly #noncePrefix: Buffer;
  readonly #headerHash: Buffer;
  #count = 0;

  /**
   * @param segmentHeader its bytes: every record is bound to them
   * @param secret key and prefix of an encrypted segment
   */
  constructor(segmentHeader: Buffer, secret?: { readonly key: Buffer; readonly noncePrefix: Buffer }) {
    this.#headerHash = createHash('sha256').update(segmentHeader).digest();
    this.#key = secret?.key;
    this.#noncePrefix = secret?.noncePrefix ?? Buffer.alloc(0);
  }

  /** Records so far. */
  get count(): number {
    return this.#count;
  }

  /** Bytes after the body. */
  get trailerBytes(): number {
    return this.#key === undefined ? CRC_BYTES : TAG_BYTES;
  }

  seal({ kind, timeMs, payload, more }: SegmentRecord): Buffer {
    const packed = payload.length < MIN_DEFLATED_BYTES ? payload : deflateRawSync(payload, { level: 1 });
    const deflated = packed.length < payload.length;
    const stored = deflated ? packed : payload;
    const head = Buffer.alloc(RECORD_HEAD_BYTES);
    head.writeUInt8(KINDS.indexOf(kind), 0);
    head.writeUInt8((deflated ? DEFLATED : 0) | (more ? MORE : 0), 1);
    head.writeUInt32BE(timeMs, 4);
    head.writeUInt32BE(payload.length, 8);
    head.writeUInt32BE(stored.length, 12);
    const sealed = [head, ...this.#protect(head, stored, kind === 'end')];
    this.#count += 1;
    return Buffer.concat(sealed);
  }

  /** @param body stored bytes and trailer @throws RecordingMalformed for anything that is not as it was sealed here */
  open(headBytes: Buffer, body: Buffer): SegmentRecord {
    const head = readRecordHead(headBytes);
    const stored = this.#unprotect(headBytes, body, head);
    this.#count += 1;
    const { kind, timeMs, more } = head;
    return { kind, timeMs, more, payload: head.deflated ? inflate(stored, head.rawBytes) : stored };
  }

  #protect(head: Buffer, stored: Buffer, last: boolean): readonly Buffer[] {
    if (this.#key === undefined) {
      const trailer = Buffer.alloc(CRC_BYTES);
      trailer.writeUInt32BE(this.#checksum(head, stored));
      return [stored, trailer];
    }
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce(last));
    cipher.setAAD(Buffer.concat([this.#headerHash, head]));
    return [cipher.update(stored), cipher.final(), cipher.getAuthTag()];
  }

  #unprotect(headBytes: Buffer, body: Buffer, head: RecordHead): Buffer {
    const stored = body.subarray(0, head.storedBytes);
    const trailer = body.subarray(head.storedBytes);
    if (this.#key === undefined) {
      if (trailer.readUInt32BE(0) !== this.#checksum(headBytes, stored)) throw this.#damaged();
      return stored;
    }
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#nonce(head.kind === 'end'));
    decipher.setAAD(Buffer.concat([this.#headerHash, headBytes]));
    decipher.setAuthTag(trailer);
    try {
      return Buffer.concat([decipher.update(stored), decipher.final()]);
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  /** Bound to the header and to the place, as the nonce is. */
  #checksum(head: Buffer, stored: Buffer): number {
    const place = Buffer.alloc(4);
    place.writeUInt32BE(this.#count);
    return crc32(stored, crc32(head, crc32(place, crc32(this.#headerHash))));
  }

  #nonce(last: boolean): Buffer {
    const nonce = Buffer.alloc(12);
    this.#noncePrefix.copy(nonce);
    nonce.writeUInt32BE(this.#count, 7);
    nonce.writeUInt8(last ? 1 : 0, 11);
    return nonce;
  }

  #damaged(cause?: unknown): StreamSpaceError {
    return new StreamSpaceError('RecordingMalformed', `record ${this.#count + 1} of a segment is not as it was written`, {
      cause,
    });
  }
}

function inflate(stored: Buffer, rawBytes: number): Buffer {
  try {
    const payload = inflateRawSync(stored, { maxOutputLength: Math.max(1, rawBytes) });
    if (payload.length === rawBytes) return payload;
  } catch (error) {
    throw new StreamSpaceError('RecordingMalformed', 'a record cannot be unpacked', { cause: error });
  }
  throw new StreamSpaceError('RecordingMalformed', 'a record has another length than it says');
}
