// A recording from its beginning to its end, picture by picture.
import type { Framebuffer } from '../../pixels/framebuffer.ts';
import { parseRecordingEvent, type RecordingEvent } from '../format/event.ts';
import { SegmentReader } from '../format/segment-reader.ts';
import { headerOf, type RecordingSource } from './frame-at.ts';
import { SegmentPicture } from './segment-picture.ts';

export type ReplayStep =
  /** The picture is valid until the next step. */
  | { readonly type: 'picture'; readonly atMs: number; readonly framebuffer: Framebuffer }
  | { readonly type: 'event'; readonly atMs: number; readonly event: RecordingEvent };

/** @throws ObjectMissing, StorageFailed, RecordingMalformed, RecordingKeyWrong, RfbMalformed */
export async function* replay(source: RecordingSource): AsyncGenerator<ReplayStep> {
  for (const { file, bytes, startMs } of source.segments) {
    const reader = new SegmentReader(source.key);
    let picture: SegmentPicture | undefined;
    try {
      for (const record of reader.push(await source.read(file, { from: 0, to: bytes }))) {
        const atMs = startMs + record.timeMs;
        const event = record.kind === 'event' ? parseRecordingEvent(record.payload) : undefined;
        if (event !== undefined) yield { type: 'event', atMs, event };
        picture ??= new SegmentPicture(headerOf(reader));
        if (picture.apply(record)) yield { type: 'picture', atMs, framebuffer: picture.framebuffer };
      }
    } finally {
      picture?.close();
    }
  }
}
