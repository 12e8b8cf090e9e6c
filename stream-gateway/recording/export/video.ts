// A video of a recording, made by ffmpeg from pictures at a constant rate. Whole or not there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Manifest } from '../format/manifest.ts';
import type { TimedEvent } from '../index-port.ts';
import type { RecordingSource } from '../playback/frame-at.ts';
import { replay } from '../playback/replay.ts';
import { captionsOf, chapters, webVtt } from './captions.ts';
import { frameCount, frameSize, frames } from './frames.ts';

export interface VideoOptions {
  /** Ends with .mp4 or .webm; the captions lie beside it, as .vtt. */
  readonly target: string;
  readonly fps: number;
  /** As found on PATH. */
  readonly ffmpeg: string;
  readonly signal: AbortSignal;
  readonly progress: (done: number, all: number) => void;
}

const ENCODERS: Readonly<Record<string, readonly string[]>> = {
  '.mp4': ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
  '.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-crf', '10', '-b:v', '4M', '-pix_fmt', 'yuv420p'],
};
/** Of what ffmpeg prints. */
const KEPT_WORDS = 2_000;

/** From its beginning to the end of its last segment or gap, in milliseconds. */
export function durationOf({ segments, gaps }: Pick<Manifest, 'segments' | 'gaps'>): number {
  return Math.max(0, segments.at(-1)?.endMs ?? 0, gaps.at(-1)?.toMs ?? 0);
}

/** @throws ExportFailed: there is no ffmpeg, or it failed; UsageInvalid for another kind of file; what reading throws */
export async function exportVideo(source: RecordingSource, manifest: Manifest, options: VideoOptions): Promise<void> {
  const { target, signal } = options;
  const extension = extname(target);
  const encoder = ENCODERS[extension];
  if (encoder === undefined) throw new StreamSpaceError('UsageInvalid', `"${target}" ends neither with .mp4 nor with .webm`);
  const durationMs = durationOf(manifest);
  const captions = captionsOf(await eventsOf(source), manifest.gaps);
  const part = join(dirname(target), `.part-${process.pid}${extension}`);
  const metadata = `${part}.txt`;
  try {
    await writeFile(metadata, chapters(captions, durationMs));
    await encode(source, manifest, { ...options, durationMs, args: [...encoder, part], metadata });
    signal.throwIfAborted();
    await rename(part, target);
    await writeFile(target.slice(0, -extension.length).concat('.vtt'), webVtt(captions));
  } finally {
    await rm(part, { force: true });
    await rm(metadata, { force: true });
  }
}

async function encode(
  source: RecordingSource,
  { segments, gaps }: Manifest,
  options: VideoOptions & { readonly durationMs: number; readonly args: readonly string[]; readonly metadata: string },
): Promise<void> {
  const { fps, ffmpeg, signal, durationMs, progress } = options;
  const size = frameSize(segments);
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb0',
    '-video_size',
    `${size.width}x${size.height}`,
    '-framerate',
    String(fps),
    '-i',
    'pipe:0',
  ];
  const child = spawn(
    ffmpeg,
    ['-hide_banner', '-loglevel', 'error', '-y', ...input, '-i', options.metadata, '-map_metadata', '1', ...options.args],
    { stdio: ['pipe', 'ignore', 'pipe'], signal },
  );
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-KEPT_WORDS);
  });
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new StreamSpaceError('ExportFailed', `ffmpeg ended with ${code}: ${words.trim()}`);
  });
  const broken = once(child, 'error').then(([error]: readonly unknown[]) => {
    signal.throwIfAborted();
    throw new StreamSpaceError('ExportFailed', `ffmpeg cannot be started (${ffmpeg})`, { cause: error });
  });
  broken.catch(() => undefined);
  child.stdin.on('error', () => undefined); // said by its end
  const written = async (): Promise<void> => {
    let done = 0;
    for await (const frame of frames(source, { size, fps, durationMs, gaps })) {
      if (child.exitCode !== null || signal.aborted) break;
      if (!child.stdin.write(frame)) await Promise.race([once(child.stdin, 'drain'), once(child.stdin, 'close')]);
      done += 1;
      progress(done, frameCount(durationMs, fps));
    }
    child.stdin.end();
  };
  try {
    await Promise.race([Promise.all([written(), ended]), broken]);
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    ended.catch(() => undefined);
  }
}

async function eventsOf(source: RecordingSource): Promise<readonly TimedEvent[]> {
  const events: TimedEvent[] = [];
  for await (const step of replay(source)) if (step.type === 'event') events.push({ atMs: step.atMs, event: step.event });
  return events;
}
