// The picture of any moment: the segment that has it is read from its beginning up to that moment, and no other.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Framebuffer } from '../../pixels/framebuffer.ts';
import type { SegmentEntry } from '../format/manifest.ts';
import { SegmentReader } from '../format/segment-reader.ts';
import type { ByteRange } from '../storage/object-storage.ts';
import { SegmentPicture } from './segment-picture.ts';

/** A recording to be played, whole or as far as it has come. */
export interface RecordingSource {
  /** In their order. */
  readonly segments: readonly Pick<SegmentEntry, 'file' | 'startMs' | 'endMs' | 'bytes'>[];
  /** The data key of an encrypted one. */
  readonly key?: Buffer;
  /** Bytes of a segment; fewer where it ends. */
  readonly read: (file: string, range: ByteRange) => Promise<Buffer>;
}

/** One range read: larger than most segments of text, and little of one of video. */
const RANGE_BYTES = 1024 * 1024;

/**
 * @param ms since the recording began; before its first picture there is none, in a gap it is the last one before
 * @returns a picture of its own @throws ObjectMissing, StorageFailed, RecordingMalformed, RecordingKeyWrong, RfbMalformed
 */
export async function frameAt(source: RecordingSource, ms: number): Promise<Framebuffer | undefined> {
  const segment = source.segments.findLast(({ startMs }) => startMs <= ms);
  if (segment === undefined) return undefined;
  const reader = new SegmentReader(source.key);
  let picture: SegmentPicture | undefined;
  try {
    for (let from = 0; from < segment.bytes; from += RANGE_BYTES) {
      const bytes = await source.read(segment.file, { from, to: Math.min(segment.bytes, from + RANGE_BYTES) });
      for (const record of reader.push(bytes)) {
        if (record.timeMs > ms - segment.startMs) return picture?.framebuffer;
        picture ??= new SegmentPicture(headerOf(reader));
        picture.apply(record);
      }
    }
    return picture?.framebuffer;
  } finally {
    picture?.close();
  }
}

/** Its header is read before its first record. @throws RecordingMalformed */
export function headerOf({ header }: SegmentReader): NonNullable<SegmentReader['header']> {
  if (header === undefined) throw new StreamSpaceError('RecordingMalformed', 'a segment without a header');
  return header;
}
