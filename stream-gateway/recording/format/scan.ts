// What of a segment is whole when its recorder was cut off. Needs no key: the lengths of records are not encrypted.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { RECORD_HEAD_BYTES, readRecordHead } from './record.ts';
import { readSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts';
import { SegmentReader } from './segment-reader.ts';

export interface SegmentScan {
  readonly header: SegmentHeader;
  /** Up to the end of the last whole record. */
  readonly wholeBytes: number;
  /** Of that record, since the segment began. */
  readonly timeMs: number;
  /** Its first picture is there, so it can be played. */
  readonly playable: boolean;
  readonly closed: boolean;
}

const ENCRYPTED_TRAILER_BYTES = 16;

/** @returns undefined when not even the header is there */
export function scanSegment(bytes: Buffer): SegmentScan | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  let header: SegmentHeader;
  try {
    header = readSegmentHeader(bytes);
  } catch (error) {
    if (error instanceof StreamSpaceError) return undefined;
    throw error;
  }
  return header.noncePrefix === undefined ? scanPlain(bytes, header) : scanLengths(bytes, header);
}

function scanPlain(bytes: Buffer, header: SegmentHeader): SegmentScan {
  const reader = new SegmentReader();
  let playable = false;
  try {
    for (const record of reader.push(bytes)) playable ||= record.kind === 'update' && !record.more;
  } catch (error) {
    // A machine that lost its power may leave anything behind the last whole record.
    if (!(error instanceof StreamSpaceError)) throw error;
  }
  const { wholeBytes, timeMs, closed } = reader;
  return { header, wholeBytes, timeMs, playable, closed };
}

function scanLengths(bytes: Buffer, header: SegmentHeader): SegmentScan {
  let scan: SegmentScan = { header, wholeBytes: SEGMENT_HEADER_BYTES, timeMs: 0, playable: false, closed: false };
  for (let at = scan.wholeBytes; !scan.closed && at + RECORD_HEAD_BYTES <= bytes.length; at = scan.wholeBytes) {
    let head: ReturnType<typeof readRecordHead>;
    try {
      head = readRecordHead(bytes.subarray(at, at + RECORD_HEAD_BYTES));
    } catch (error) {
      if (error instanceof StreamSpaceError) break;
      throw error;
    }
    const end = at + RECORD_HEAD_BYTES + head.storedBytes + ENCRYPTED_TRAILER_BYTES;
    if (end > bytes.length || head.timeMs < scan.timeMs) break;
    const playable = scan.playable || (head.kind === 'update' && !head.more);
    scan = { header, wholeBytes: end, timeMs: head.timeMs, playable, closed: head.kind === 'end' };
  }
  return scan;
}
