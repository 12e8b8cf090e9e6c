// The worker of the player: fetches, decodes and keeps segments, so that the page stays quick. It asks with the cookies of the page.
import './browser/buffer.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { OpenedRecordReader } from '../../../recording/format/opened-record.ts';
import { SegmentPicture } from '../../../recording/playback/segment-picture.ts';
import { ApiError, problemOf, remedyOf, toApiError, unreachable } from '../api/problem.ts';
import type { FromWorker, PlayedSegment, PlayerProblem, ToWorker } from './messages.ts';
import { Screen, shrunk } from './screen.ts';

const THUMBNAIL_WIDTH = 240;

let address = '';
let segments: readonly PlayedSegment[] = [];
let wantedMs: number | undefined;
let showing = false;
let thumbnails: number[] = [];
let thumbnailing = false;

const tell = (message: FromWorker, moved: Transferable[] = []): void => self.postMessage(message, { transfer: moved });
const screen = new Screen(fetchRecords, (held) => tell({ type: 'held', segments: held }));

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'segments':
      ({ address, segments } = data);
      screen.segments = segments;
      return;
    case 'show':
      wantedMs = data.atMs;
      void showNewest();
      return;
    case 'thumbnail':
      // Where the pointer was before is of no interest any more.
      thumbnails = [data.number];
      void drawThumbnails();
  }
});

async function showNewest(): Promise<void> {
  if (showing) return;
  showing = true;
  while (wantedMs !== undefined) {
    const atMs = wantedMs;
    wantedMs = undefined;
    try {
      const picture = await screen.show(atMs);
      if (picture === undefined) tell({ type: 'shown', atMs });
      else tell({ type: 'shown', atMs, picture }, [picture.pixels.buffer]);
    } catch (error) {
      if (wantedMs === undefined) tell({ type: 'failed', problem: problemFrom(error) });
    }
  }
  showing = false;
}

async function drawThumbnails(): Promise<void> {
  if (thumbnailing) return;
  thumbnailing = true;
  for (let number = thumbnails.pop(); number !== undefined; number = thumbnails.pop()) {
    const segment = segments.find((one) => one.number === number);
    // A thumbnail that cannot be had is none; what is wrong is told where the segment is played.
    if (segment !== undefined) await drawThumbnail(segment).catch(() => undefined);
  }
  thumbnailing = false;
}

async function drawThumbnail(segment: PlayedSegment): Promise<void> {
  const reader = new OpenedRecordReader();
  const drawn = new SegmentPicture(segment);
  try {
    for await (const bytes of await fetchRecords(segment.number, AbortSignal.timeout(20_000), 0))
      for (const record of reader.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) drawn.apply(record);
    const picture = shrunk(drawn, THUMBNAIL_WIDTH);
    tell({ type: 'thumbnail', number: segment.number, picture }, [picture.pixels.buffer]);
  } finally {
    drawn.close();
  }
}

async function fetchRecords(
  number: number,
  signal: AbortSignal,
  untilMs?: number,
): Promise<AsyncIterable<Uint8Array<ArrayBuffer>>> {
  const query = untilMs === undefined ? '' : `?untilMs=${untilMs}`;
  const response = await fetch(`${address}/segments/${number}/records${query}`, { signal, credentials: 'same-origin' }).catch(
    (error: unknown) => {
      throw unreachable(error);
    },
  );
  if (!response.ok) throw await problemOf(response);
  return chunksOf(response);
}

/** Not by `for await` over the body: Safari has no such thing. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return;
    yield part.value;
  }
}

function problemFrom(error: unknown): PlayerProblem {
  if (error instanceof StreamSpaceError)
    return { code: error.code, status: 0, detail: error.message, remedy: remedyOf(error.code) ?? '', requestId: null };
  const { code, status, message, remedy, requestId, stepUp } = error instanceof ApiError ? error : toApiError(error);
  return { code, status, detail: message, remedy, requestId, stepUp };
}
