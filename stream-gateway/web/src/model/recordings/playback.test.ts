// The clock of the player: it never leaves the recording, never goes back, and jumps over nothing that somebody wants to see.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  advance,
  idleSpans,
  MIN_IDLE_MS,
  type Playback,
  playOrPause,
  quietOf,
  RATES,
  STOPPED,
  seek,
  segmentAt,
  type Tape,
} from './playback.ts';

const PLAYING: Playback = { ...STOPPED, playing: true };
const tape = (changes: Partial<Tape> = {}): Tape => ({ startMs: 0, endMs: 60_000, live: false, idle: [], ...changes });

test('a second at each speed goes on by so much', () => {
  for (const rate of RATES) {
    let playback: Playback = { ...PLAYING, rate };
    for (let step = 0; step < 10; step += 1) playback = advance(playback, 100, tape());
    expect(playback.positionMs).toBe(1_000 * rate);
  }
});

test('whatever is done, the position stays within the recording, and playing never goes back', () => {
  const action = fc.oneof(
    fc.record({ type: fc.constant('tick' as const), ms: fc.integer({ min: -100, max: 5_000 }) }),
    fc.record({ type: fc.constant('seek' as const), ms: fc.integer({ min: -10_000, max: 100_000 }) }),
    fc.record({ type: fc.constant('play' as const), ms: fc.constant(0) }),
  );
  const idle = [
    { fromMs: 5_000, toMs: 20_000 },
    { fromMs: 50_000, toMs: 60_000 },
  ];
  fc.assert(
    fc.property(fc.array(action), fc.constantFrom(...RATES), fc.boolean(), fc.boolean(), (actions, rate, skipIdle, live) => {
      const played = tape({ startMs: 100, live, idle });
      let playback = seek({ ...STOPPED, rate, skipIdle }, 0, played);
      for (const { type, ms } of actions) {
        const before = playback.positionMs;
        if (type === 'tick') playback = advance(playback, ms, played);
        else if (type === 'seek') playback = seek(playback, ms, played);
        else playback = playOrPause(playback, played);
        expect(playback.positionMs).toBeGreaterThanOrEqual(100);
        expect(playback.positionMs).toBeLessThanOrEqual(60_000);
        if (type === 'tick') expect(playback.positionMs).toBeGreaterThanOrEqual(before);
      }
    }),
  );
});

test('an idle stretch is jumped over only where that is asked for, and it says how much', () => {
  const played = tape({ idle: [{ fromMs: 1_000, toMs: 9_500 }] });
  const at = { ...PLAYING, positionMs: 950 };
  expect(advance(at, 100, played)).toMatchObject({ positionMs: 1_050, skippedMs: 0 });
  expect(advance({ ...at, skipIdle: true }, 100, played)).toMatchObject({ positionMs: 9_500, skippedMs: 8_450 });
});

test('G-63 at the end of what is recorded so far it waits, and goes on when there is more', () => {
  const at = { ...PLAYING, positionMs: 59_990 };
  const waiting = advance(at, 100, tape({ live: true }));
  expect(waiting).toMatchObject({ positionMs: 60_000, playing: true });
  expect(advance(waiting, 100, tape({ live: true, endMs: 70_000 })).positionMs).toBe(60_100);
  const ended = advance(at, 100, tape());
  expect(ended).toMatchObject({ positionMs: 60_000, playing: false });
  expect(playOrPause(ended, tape())).toMatchObject({ positionMs: 0, playing: true });
});

test('what is idle holds nothing that happened, and every longer pause is in it', () => {
  const activity = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 40 });
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 119_999 }), { maxLength: 6 });
  fc.assert(
    fc.property(activity, cuts, (times, edges) => {
      const bounds = [0, ...edges.toSorted((one, other) => one - other), 120_000];
      const spans = idleSpans(bounds.slice(1).flatMap((toMs, index) => quietOf({ fromMs: bounds[index] ?? 0, toMs }, times)));
      for (const ms of times) expect(spans.some(({ fromMs, toMs }) => fromMs < ms && ms < toMs)).toBe(false);
      const happened = [...new Set([0, ...times, 120_000])].toSorted((one, other) => one - other);
      for (const [index, toMs] of happened.slice(1).entries()) {
        const fromMs = happened[index] ?? 0;
        if (toMs - fromMs <= MIN_IDLE_MS) continue;
        const middle = (fromMs + toMs) / 2;
        expect(spans.some((span) => span.fromMs <= middle && middle < span.toMs)).toBe(true);
      }
    }),
  );
});

test('the segment of a moment is the last that has begun', () => {
  const starts = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 });
  fc.assert(
    fc.property(starts, fc.integer({ min: -10, max: 1_100 }), (times, ms) => {
      const segments = times.toSorted((one, other) => one - other).map((startMs) => ({ startMs }));
      expect(segmentAt(segments, ms)).toBe(
        Math.max(
          0,
          segments.findLastIndex(({ startMs }) => startMs <= ms),
        ),
      );
    }),
  );
  expect(segmentAt([], 5)).toBe(-1);
});
