// A segment for a player: read in ranges, opened with the key of the recording, and sent on record by record.
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

/** @throws ObjectMissing, StorageFailed, RecordingMalformed, RecordingKeyWrong */
export async function* openedRecords(
  readSegment: ReadSegment,
  recording: Recording,
  segment: Segment,
  { key, untilMs = Number.POSITIVE_INFINITY, signal }: OpenedOptions,
): AsyncGenerator<Buffer> {
  const reader = new SegmentReader(key);
  let pictured = false;
  for (let from = 0; from < segment.bytes; from += RANGE_BYTES) {
    const range = { from, to: Math.min(segment.bytes, from + RANGE_BYTES) };
    const opened: Buffer[] = [];
    for (const record of reader.push(await readSegment(recording, segment, { signal, range }))) {
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

type SecretJson = KubeObjectJson & { readonly data?: Readonly<Record<string, string>> };

/** The wrapped key lies beside the segments, what it is wrapped with in the Secret that the policy named. */
export function dataKeyReader(client: KubeClient, objects: Pick<KeptObjects, 'get'> | undefined): DataKeyOf {
  return async ({ id, keyPrefix, keyId, rules: { encryptionKeyRef } }, signal) => {
    if (keyId === null || objects === undefined) return undefined;
    const { encryption } = readManifest(await objects.get(`${keyPrefix}/${MANIFEST_FILE}`, { signal })).manifest;
    if (encryption === null) return undefined;
    const ref = encryptionKeyRef;
    const secret = ref === undefined ? undefined : await client.find<SecretJson>(RESOURCES.secrets, ref.namespace, ref.name);
    const value = ref === undefined ? undefined : secret?.data?.[ref.key];
    if (value === undefined)
      throw new StreamSpaceError('RecordingKeyWrong', `the key ${keyId} that recording ${id} is encrypted with is not there`);
    return unwrapDataKey(encryption, parseWrappingKey(Buffer.from(value, 'base64')), id);
  };
}
