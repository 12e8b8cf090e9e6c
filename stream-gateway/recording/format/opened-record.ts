// Records of a segment as they go to a player: decrypted, checked and unpacked by the gateway, so a page needs no key. Twelve bytes
// (kind, whether the message goes on, two of zero, time, length; big-endian), then the payload. Runs in a browser as it runs here.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { ByteInput } from '../../rfb/byte-input.ts';
import type { RecordKind, SegmentRecord } from './record.ts';

const HEAD_BYTES = 12;
/** As large as a record of a segment may be. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;
const KINDS: readonly (RecordKind | undefined)[] = [undefined, 'update', 'event', 'tick', 'end'];

export function writeOpenedRecord({ kind, timeMs, payload, more }: SegmentRecord): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(KINDS.indexOf(kind), 0);
  head.writeUInt8(more ? 1 : 0, 1);
  head.writeUInt32BE(timeMs, 4);
  head.writeUInt32BE(payload.length, 8);
  return Buffer.concat([head, payload]);
}

/** Reads them in any cut. */
export class OpenedRecordReader {
  readonly #input = new ByteInput();
  #head: Buffer | undefined;

  /** Read it to its end before the next push. @throws RecordingMalformed */
  *push(chunk: Buffer): Generator<SegmentRecord> {
    this.#input.push(chunk);
    for (;;) {
      this.#head ??= this.#input.take(HEAD_BYTES);
      if (this.#head === undefined) return;
      const kind = KINDS[this.#head.readUInt8(0)];
      const flags = this.#head.readUInt8(1);
      const length = this.#head.readUInt32BE(8);
      if (kind === undefined || flags > 1 || length > MAX_PAYLOAD_BYTES)
        throw new StreamSpaceError('RecordingMalformed', 'this is no record of a recording');
      const payload = length === 0 ? Buffer.alloc(0) : this.#input.take(length);
      if (payload === undefined) return;
      const timeMs = this.#head.readUInt32BE(4);
      this.#head = undefined;
      yield { kind, timeMs, payload, more: flags === 1 };
    }
  }
}
