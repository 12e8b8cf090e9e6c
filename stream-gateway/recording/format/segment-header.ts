// The first bytes of a segment: what it is part of, when it began, and which segment came before (docs/guides/recording-format.md).
import { crc32 } from 'node:zlib';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { PINNED_FORMAT_BYTES } from '../../pixels/pinned-format.ts';

/** As PNG's: a byte above 127 and a line end, which whoever treats the file as text destroys. */
const MAGIC = Buffer.from([0x89, 0x53, 0x53, 0x52, 0x45, 0x43, 0x0d, 0x0a]);
const VERSION = 1;
const ENCRYPTED = 1;
export const SEGMENT_HEADER_BYTES = 112;
export const NONCE_PREFIX_BYTES = 7;
const MAX_SIDE = 16_384;

export interface SegmentHeader {
  /** A UUID. */
  readonly recordingId: string;
  /** From 1, without holes. */
  readonly number: number;
  /** Milliseconds since 1970, by the clock of the gateway. */
  readonly startedAt: number;
  /** Milliseconds since the recording began. */
  readonly startMs: number;
  /** Of the desktop, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 32 bytes: the chain up to the segment before. */
  readonly previousChain: Buffer;
  /** 7 random bytes of this segment alone; undefined: it is not encrypted. */
  readonly noncePrefix: Buffer | undefined;
}

export function writeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt16BE(VERSION, 8);
  bytes.writeUInt16BE(header.noncePrefix === undefined ? 0 : ENCRYPTED, 10);
  bytes.writeUInt32BE(header.number, 12);
  Buffer.from(header.recordingId.replaceAll('-', ''), 'hex').copy(bytes, 16);
  bytes.writeBigUInt64BE(BigInt(header.startedAt), 32);
  bytes.writeBigUInt64BE(BigInt(header.startMs), 40);
  bytes.writeUInt16BE(header.width, 48);
  bytes.writeUInt16BE(header.height, 50);
  PINNED_FORMAT_BYTES.copy(bytes, 52);
  header.previousChain.copy(bytes, 68, 0, 32);
  header.noncePrefix?.copy(bytes, 100, 0, NONCE_PREFIX_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 108)), 108);
  return bytes;
}

/** @param bytes at least {@link SEGMENT_HEADER_BYTES} @throws RecordingMalformed */
export function readSegmentHeader(bytes: Buffer): SegmentHeader {
  if (!bytes.subarray(0, 8).equals(MAGIC)) throw new StreamSpaceError('RecordingMalformed', 'this is no segment of a recording');
  if (bytes.readUInt32BE(108) !== crc32(bytes.subarray(0, 108)))
    throw new StreamSpaceError('RecordingMalformed', 'the header of a segment is damaged');
  const version = bytes.readUInt16BE(8);
  const flags = bytes.readUInt16BE(10);
  if (version !== VERSION || flags > ENCRYPTED)
    throw new StreamSpaceError('RecordingMalformed', `a segment of version ${version} with flags ${flags}; ${VERSION} is known`);
  const header = {
    recordingId: uuid(bytes.toString('hex', 16, 32)),
    number: bytes.readUInt32BE(12),
    startedAt: Number(bytes.readBigUInt64BE(32)),
    startMs: Number(bytes.readBigUInt64BE(40)),
    width: bytes.readUInt16BE(48),
    height: bytes.readUInt16BE(50),
    previousChain: Buffer.from(bytes.subarray(68, 100)),
    noncePrefix: flags & ENCRYPTED ? Buffer.from(bytes.subarray(100, 100 + NONCE_PREFIX_BYTES)) : undefined,
  };
  if (header.number === 0 || !Number.isSafeInteger(header.startedAt) || !Number.isSafeInteger(header.startMs))
    throw new StreamSpaceError('RecordingMalformed', 'the number or the time of a segment is out of range');
  if (header.width > MAX_SIDE || header.height > MAX_SIDE || !bytes.subarray(52, 68).equals(PINNED_FORMAT_BYTES))
    throw new StreamSpaceError('RecordingMalformed', 'a segment of a size or a pixel format that is not recorded');
  return header;
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
