// The picture at a moment of a recording: forwards by drawing on, backwards from the beginning of its segment (G-57).
import { SegmentPicture } from '../../../recording/playback/segment-picture.ts';
import { segmentAt } from '../model/recordings/playback.ts';
import { type FetchSegment, HeldSegments } from './held-segments.ts';
import type { HeldSegment, Picture, PlayedSegment } from './messages.ts';

interface Drawn {
  readonly number: number;
  readonly picture: SegmentPicture;
  /** Records that are drawn. */
  count: number;
}

/** Two segments at most are asked for at once: the one that is shown and the next. */
export class Screen {
  readonly #held: HeldSegments;
  #segments: readonly PlayedSegment[] = [];
  #drawn: Drawn | undefined;

  constructor(fetchSegment: FetchSegment, told: (held: readonly HeldSegment[]) => void) {
    this.#held = new HeldSegments(fetchSegment, told);
  }

  set segments(segments: readonly PlayedSegment[]) {
    this.#segments = segments;
  }

  /**
   * @param atMs since the recording began; in a gap it is the last picture before
   * @returns undefined: it looks as it did
   * @throws what the gateway or the decoder refused
   */
  async show(atMs: number): Promise<Picture | undefined> {
    const index = segmentAt(this.#segments, atMs);
    const segment = this.#segments[index];
    if (segment === undefined) return undefined;
    const next = this.#segments[index + 1];
    this.#held.want(next === undefined ? [segment.number] : [segment.number, next.number]);
    const loaded = this.#held.get(segment.number);
    const untilMs = atMs - segment.startMs;
    let drawn = this.#drawn;
    let changed = false;
    const lastDrawn = drawn === undefined ? undefined : loaded?.records[drawn.count - 1];
    if (drawn?.number !== segment.number || (lastDrawn !== undefined && lastDrawn.timeMs > untilMs)) {
      drawn?.picture.close();
      drawn = { number: segment.number, picture: new SegmentPicture(segment), count: 0 };
      this.#drawn = drawn;
    }
    try {
      for (;;) {
        const record = loaded?.records[drawn.count];
        if (record === undefined) {
          if (loaded === undefined || loaded.whole) break;
          await loaded.more();
        } else if (record.timeMs > untilMs && (drawn.count > 0 || changed)) break;
        else {
          changed = drawn.picture.apply(record) || changed;
          drawn.count += 1;
        }
      }
    } catch (error) {
      drawn.picture.close();
      this.#drawn = undefined;
      throw error;
    }
    return changed ? pictureOf(drawn.picture) : undefined;
  }
}

export function pictureOf({ framebuffer: { width, height, bytes } }: SegmentPicture): Picture {
  return { width, height, pixels: new Uint8ClampedArray(bytes) };
}

/** The nearest pixels. @param maxWidth of the result */
export function shrunk({ framebuffer: { width, height, pixels } }: SegmentPicture, maxWidth: number): Picture {
  const scale = Math.max(1, width / maxWidth);
  const size = { width: Math.max(1, Math.floor(width / scale)), height: Math.max(1, Math.floor(height / scale)) };
  const small = new Uint32Array(size.width * size.height);
  for (let y = 0; y < size.height; y += 1)
    for (let x = 0; x < size.width; x += 1)
      small[y * size.width + x] = pixels[Math.floor(y * scale) * width + Math.floor(x * scale)] ?? 0;
  return { ...size, pixels: new Uint8ClampedArray(small.buffer) };
}
