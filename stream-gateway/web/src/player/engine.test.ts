// The player between clock and worker, with a worker that answers when the test says so.
import { expect, test } from 'vitest';
import { Engine, type Played } from './engine.ts';
import type { FromWorker, ToWorker } from './messages.ts';

const segment = (number: number) => ({ number, startMs: (number - 1) * 10_000, durationMs: 10_000, width: 4, height: 4 });
const PLAYED: Played = { segments: [1, 2, 3].map(segment), gaps: [], marks: [], endMs: 30_000, live: false };
const PICTURE = { width: 4, height: 4, pixels: new Uint8ClampedArray(64) };

function started(played = PLAYED) {
  const posted: ToWorker[] = [];
  const drawn: unknown[] = [];
  let tell: (message: FromWorker) => void = () => undefined;
  const engine = new Engine(
    (listen) => {
      tell = listen;
      return { post: (message) => posted.push(message), [Symbol.dispose]: () => undefined };
    },
    '/api/v1/recordings/one',
    (picture) => drawn.push(picture),
  );
  engine.load(played);
  const shows = () => posted.flatMap((message) => (message.type === 'show' ? [message.atMs] : []));
  return { engine, posted, drawn, shows, tell: (message: FromWorker) => tell(message) };
}

test('it shows where it begins, and a place that is asked for twice once', () => {
  const { engine, shows, tell, drawn } = started();
  engine.tick(0);
  tell({ type: 'shown', atMs: 0, picture: PICTURE });
  engine.tick(16);
  expect(shows()).toEqual([0]);
  expect(drawn).toEqual([PICTURE]);
  expect(engine.state.size).toEqual({ width: 4, height: 4 });
});

test('the clock waits for a picture that is not there, says so, and goes on when it comes', () => {
  const { engine, shows, tell } = started();
  engine.playOrPause();
  for (const nowMs of [0, 100, 200, 301]) engine.tick(nowMs);
  expect(engine.state).toMatchObject({ waiting: true, playback: { positionMs: 0, playing: true } });
  tell({ type: 'shown', atMs: 0 });
  engine.tick(351);
  expect(engine.state).toMatchObject({ waiting: false, playback: { positionMs: 50 } });
  expect(shows()).toEqual([0, 50]);
});

test('what segments tell of idle stretches is skipped over their borders, and drawn', () => {
  const { engine, tell } = started();
  tell({ type: 'held', segments: [{ number: 1, changes: [500, 4_000] }] });
  tell({ type: 'held', segments: [{ number: 2, changes: [8_000] }] });
  expect(engine.state.tape.idle).toEqual([
    { fromMs: 1_500, toMs: 3_500 },
    { fromMs: 5_000, toMs: 17_500 },
  ]);
  engine.set({ skipIdle: true });
  engine.seek(4_990);
  engine.playOrPause();
  engine.tick(0);
  tell({ type: 'shown', atMs: 4_990 });
  engine.tick(20);
  expect(engine.state).toMatchObject({ playback: { positionMs: 17_500 }, skipped: { ms: 12_490 } });
});

test('a refusal stops it, stays until somebody acts, and is asked again then', () => {
  const { engine, shows, tell } = started();
  engine.playOrPause();
  engine.tick(0);
  const problem = { code: 'RecordingViewForbidden', status: 403, detail: 'd', remedy: 'r', requestId: null };
  tell({ type: 'failed', problem });
  engine.tick(50);
  expect(engine.state).toMatchObject({ problem, playback: { playing: false } });
  expect(shows()).toEqual([0]);
  engine.retry();
  engine.tick(60);
  expect(engine.state.problem).toBeUndefined();
  expect(shows()).toEqual([0, 0]);
});

test('G-63 what is recorded meanwhile makes it longer, and moves nothing', () => {
  const { engine, posted } = started({ ...PLAYED, live: true });
  engine.seek(25_000);
  engine.load({ ...PLAYED, segments: [...PLAYED.segments, segment(4)], endMs: 40_000, live: true });
  expect(engine.state).toMatchObject({ tape: { endMs: 40_000, live: true }, playback: { positionMs: 25_000 } });
  expect(posted.at(-1)).toMatchObject({ type: 'segments', segments: { length: 4 } });
});

test('small pictures are asked for once, and of many the oldest are let go and can be had again', () => {
  const { engine, posted, tell } = started();
  const asked = () => posted.flatMap((message) => (message.type === 'thumbnail' ? [message.number] : []));
  for (let number = 1; number <= 61; number += 1) {
    engine.askThumbnail(number);
    engine.askThumbnail(number);
    tell({ type: 'thumbnail', number, picture: PICTURE });
  }
  expect(asked()).toHaveLength(61);
  expect(engine.state.thumbnails.size).toBe(60);
  engine.askThumbnail(1);
  engine.askThumbnail(61);
  expect(asked().slice(61)).toEqual([1]);
});
