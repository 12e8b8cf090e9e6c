// A recording as pictures at a constant rate: what a video is made of. Where nothing was recorded they are black.
import type { Framebuffer } from '../../pixels/framebuffer.ts';
import type { RecordingGap } from '../format/manifest.ts';
import type { RecordingSource } from '../playback/frame-at.ts';
import { replay } from '../playback/replay.ts';

export interface FrameSize {
  /** Even numbers: most encoders take no others. */
  readonly width: number;
  readonly height: number;
}

const BYTES_A_PIXEL = 4;

/** The largest screen of the recording. */
export function frameSize(segments: readonly { readonly width: number; readonly height: number }[]): FrameSize {
  const even = (side: number): number => Math.max(2, side + (side % 2));
  return {
    width: even(Math.max(0, ...segments.map(({ width }) => width))),
    height: even(Math.max(0, ...segments.map(({ height }) => height))),
  };
}

/** How many pictures a recording has. */
export function frameCount(durationMs: number, fps: number): number {
  return Math.max(1, Math.round((durationMs * fps) / 1_000));
}

/**
 * Red, green, blue, 255 for each pixel; the same buffer again where nothing has changed.
 * @throws ObjectMissing, StorageFailed, RecordingMalformed, RecordingKeyWrong, RfbMalformed
 */
export async function* frames(
  source: RecordingSource,
  options: {
    readonly size: FrameSize;
    readonly fps: number;
    readonly durationMs: number;
    readonly gaps: readonly RecordingGap[];
  },
): AsyncGenerator<Buffer> {
  const { size, fps, gaps } = options;
  const count = frameCount(options.durationMs, fps);
  const timeOf = (index: number): number => (index * 1_000) / fps;
  const black = blackFrame(size);
  let shown: Buffer = black;
  let index = 0;
  const frame = (): Buffer => (isInGap(gaps, timeOf(index)) ? black : shown);
  for await (const step of replay(source)) {
    if (step.type !== 'picture') continue;
    for (; index < count && timeOf(index) < step.atMs; index += 1) yield frame();
    shown = draw(step.framebuffer, size);
  }
  for (; index < count; index += 1) yield frame();
}

function isInGap(gaps: readonly RecordingGap[], ms: number): boolean {
  return gaps.some(({ fromMs, toMs }) => ms >= fromMs && (toMs === null || ms < toMs));
}

function blackFrame({ width, height }: FrameSize): Buffer {
  const bytes = Buffer.alloc(BYTES_A_PIXEL * width * height);
  for (let at = BYTES_A_PIXEL - 1; at < bytes.length; at += BYTES_A_PIXEL) bytes[at] = 255;
  return bytes;
}

/** In the upper left corner; what is larger than the frame is cut off. */
function draw({ width, height, bytes }: Framebuffer, size: FrameSize): Buffer {
  const frame = blackFrame(size);
  const rowBytes = BYTES_A_PIXEL * Math.min(width, size.width);
  for (let row = 0; row < Math.min(height, size.height); row += 1) {
    const from = BYTES_A_PIXEL * row * width;
    frame.set(bytes.subarray(from, from + rowBytes), BYTES_A_PIXEL * row * size.width);
  }
  return frame;
}
