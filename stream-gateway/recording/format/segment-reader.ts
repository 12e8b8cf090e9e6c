// Reads a segment as it comes, in any cut. What was read before a cut or a damaged place is delivered.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { ByteInput } from '../../rfb/byte-input.ts';
import { RECORD_HEAD_BYTES, RecordSeal, readRecordHead, type SegmentRecord } from './record.ts';
import { readSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts';

export class SegmentReader {
  readonly #key: Buffer | undefined;
  readonly #input = new ByteInput();
  #header: SegmentHeader | undefined;
  #seal: RecordSeal | undefined;
  #head: Buffer | undefined;
  #timeMs = 0;
  #wholeBytes = 0;
  #closed = false;

  /** @param key the recording's data key: with it only encrypted segments are read, without it only those that are not */
  constructor(key?: Buffer) {
    this.#key = key;
  }

  /** Undefined until it is read. */
  get header(): SegmentHeader | undefined {
    return this.#header;
  }
  /** Up to the end of the last whole record (or the header): where a cut segment may be shortened to. */
  get wholeBytes(): number {
    return this.#wholeBytes;
  }
  /** Of the last whole record. */
  get timeMs(): number {
    return this.#timeMs;
  }
  /** Its last record was read; otherwise it is cut, or still open. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Read it to its end before the next push.
   * @throws RecordingMalformed after all records before the damaged place; RecordingKeyWrong where a key is missing
   */
  *push(chunk: Buffer): Generator<SegmentRecord> {
    this.#input.push(chunk);
    this.#seal ??= this.#begin();
    const seal = this.#seal;
    if (seal === undefined) return;
    for (;;) {
      this.#head ??= this.#input.take(RECORD_HEAD_BYTES);
      if (this.#head === undefined) return;
      const bodyBytes = readRecordHead(this.#head).storedBytes + seal.trailerBytes;
      if (this.#closed) throw new StreamSpaceError('RecordingMalformed', 'there are bytes after the end of a segment');
      const body = this.#input.take(bodyBytes);
      if (body === undefined) return;
      const record = seal.open(this.#head, body);
      if (record.timeMs < this.#timeMs) throw new StreamSpaceError('RecordingMalformed', 'the time of a segment goes back');
      this.#head = undefined;
      this.#timeMs = record.timeMs;
      this.#wholeBytes += RECORD_HEAD_BYTES + bodyBytes;
      this.#closed = record.kind === 'end';
      yield record;
    }
  }

  #begin(): RecordSeal | undefined {
    const bytes = this.#input.take(SEGMENT_HEADER_BYTES);
    if (bytes === undefined) return undefined;
    const header = readSegmentHeader(bytes);
    const { noncePrefix } = header;
    if (noncePrefix !== undefined && this.#key === undefined)
      throw new StreamSpaceError('RecordingKeyWrong', 'the recording is encrypted, and there is no key');
    // Anybody can write a plain segment; only who has the key an encrypted one.
    if (noncePrefix === undefined && this.#key !== undefined)
      throw new StreamSpaceError('RecordingMalformed', 'the recording is encrypted, and a segment of it is not');
    this.#header = header;
    this.#wholeBytes = SEGMENT_HEADER_BYTES;
    const secret = noncePrefix === undefined || this.#key === undefined ? undefined : { key: this.#key, noncePrefix };
    return new RecordSeal(bytes, secret);
  }
}
