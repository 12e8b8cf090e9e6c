// A segment for a player: read in ranges, opened with the key of the recording, and sent on record by record.
import { createHash } from 'node:crypto';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Segment } from '../../store/recordings/read.ts';
import type { Recording } from '../../store/recordings/recording.ts';
import { parseWrappingKey, unwrapDataKey } from '../format/data-key.ts';
import { MANIFEST_FILE, readManifest } from '../format/manifest.ts';
import { writeOpenedRecord } from '../format/opened-record.ts';
import { SegmentReader } from '../format/segment-reader.ts';
import type { KeptObjects, ReadSegment } from './objects.ts';

/** The data key of a recording; undefined: it is not encrypted. @throws RecordingKeyWrong */
export type DataKeyOf = (recording: Recording, signal: AbortSignal) => Promise<Buffer | undefined>;

/** One read: what is held of a segment at a time. */
const RANGE_BYTES = 1024 * 1024;

export interface OpenedOptions {
  readonly key: Buffer | undefined;
  /** Up to this time since the segment began, that moment included; what is not needed for it is not read. */
  readonly untilMs: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Records as they were written, or an error: that it is this segment of this recording is known before the first one goes out, that
 * it is so to its end (the hash in the index) when it has been read whole. The storage may be anybody's.
 * @throws ObjectMissing, StorageFailed, RecordingMalformed, RecordingKeyWrong
 */
export async function* openedRecords(
  readSegment: ReadSegment,
  recording: Recording,
  segment: Segment,
  { key, untilMs = Number.POSITIVE_INFINITY, signal }: OpenedOptions,
): AsyncGenerator<Buffer> {
  const reader = new SegmentReader(key);
  const hash = createHash('sha256');
  let pictured = false;
  for (let from = 0; from < segment.bytes; from += RANGE_BYTES) {
    const range = { from, to: Math.min(segment.bytes, from + RANGE_BYTES) };
    const opened: Buffer[] = [];
    const bytes = await readSegment(recording, segment, { signal, range });
    hash.update(bytes);
    if (range.to === segment.bytes) requireWhole(hash.digest('hex'), segment);
    for (const record of reader.push(bytes)) {
      requireSame(reader.header, recording, segment);
      // Its first picture may be later than its beginning, and without one there is nothing to see.
      if (record.timeMs > untilMs && pictured) {
        yield Buffer.concat(opened);
        return;
      }
      opened.push(writeOpenedRecord(record));
      pictured ||= record.kind === 'update' && !record.more;
    }
    yield Buffer.concat(opened);
  }
}

function requireSame(header: SegmentReader['header'], { id }: Recording, { number }: Segment): void {
  if (header?.recordingId !== id || header.number !== number)
    throw new StreamSpaceError('RecordingMalformed', `in the place of segment ${number} of recording ${id} is another one`);
}

/** @param sha256 of its bytes as they came @throws RecordingMalformed */
export function requireWhole(sha256: string, segment: Segment): void {
  if (sha256 !== segment.sha256)
    throw new StreamSpaceError('RecordingMalformed', `segment ${segment.number} is not as it was written`);
}

type SecretJson = KubeObjectJson & { readonly data?: Readonly<Record<string, string>> };

/** The wrapped key lies beside the segments, what it is wrapped with in the Secret that the policy named. */
export function dataKeyReader(client: KubeClient, objects: Pick<KeptObjects, 'get'> | undefined): DataKeyOf {
  return async ({ id, keyPrefix, keyId, rules: { encryptionKeyRef } }, signal) => {
    if (keyId === null || objects === undefined) return undefined;
    const { encryption } = readManifest(await objects.get(`${keyPrefix}/${MANIFEST_FILE}`, { signal })).manifest;
    // Whoever can write to the storage must not make an encrypted recording a plain one, which anybody can write.
    if (encryption === null)
      throw new StreamSpaceError('RecordingMalformed', `recording ${id} was encrypted, and its manifest says that it is not`);
    const ref = encryptionKeyRef;
    const secret = ref === undefined ? undefined : await client.find<SecretJson>(RESOURCES.secrets, ref.namespace, ref.name);
    const value = ref === undefined ? undefined : secret?.data?.[ref.key];
    if (value === undefined)
      throw new StreamSpaceError('RecordingKeyWrong', `the key ${keyId} that recording ${id} is encrypted with is not there`);
    return unwrapDataKey(encryption, parseWrappingKey(Buffer.from(value, 'base64')), id);
  };
}
