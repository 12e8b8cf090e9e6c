// The clock of the player: where it is, how fast, and what it jumps over. Pure: time comes in as an argument, pictures are the
// worker's. All times are milliseconds since the recording began.

export const RATES = [0.5, 1, 2, 4, 8, 16] as const;
export type Rate = (typeof RATES)[number];

export interface Playback {
  readonly positionMs: number;
  readonly playing: boolean;
  readonly rate: Rate;
  readonly skipIdle: boolean;
  /** What the last step jumped over; 0: nothing. */
  readonly skippedMs: number;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What there is to be played. */
export interface Tape {
  readonly startMs: number;
  /** It grows while it is recorded. */
  readonly endMs: number;
  readonly live: boolean;
  /** Where nothing happens, as far as it is known; in their order, not touching. */
  readonly idle: readonly Span[];
}

export const STOPPED: Playback = { positionMs: 0, playing: false, rate: 1, skipIdle: false, skippedMs: 0 };

/** A step is never longer: who comes back to a tab goes on where he left. */
const MAX_STEP_MS = 250;

/** @param elapsedMs by the clock on the wall since the last step */
export function advance(playback: Playback, elapsedMs: number, tape: Tape): Playback {
  if (!playback.playing) return playback;
  const { positionMs, rate, skipIdle } = playback;
  const played = positionMs + rate * Math.min(MAX_STEP_MS, Math.max(0, elapsedMs));
  const stretch = skipIdle ? tape.idle.find(({ fromMs, toMs }) => fromMs <= played && played < toMs) : undefined;
  const reached = Math.min(tape.endMs, stretch?.toMs ?? played);
  // While it is recorded the end is a place to wait at.
  const playing = reached < tape.endMs || tape.live;
  return { ...playback, playing, positionMs: Math.max(positionMs, reached), skippedMs: Math.max(0, reached - played) };
}

export function seek(playback: Playback, toMs: number, { startMs, endMs }: Pick<Tape, 'startMs' | 'endMs'>): Playback {
  return { ...playback, positionMs: Math.max(startMs, Math.min(endMs, toMs)), skippedMs: 0 };
}

/** At the end it begins again. */
export function playOrPause(playback: Playback, tape: Tape): Playback {
  if (playback.playing) return { ...playback, playing: false };
  const over = playback.positionMs >= tape.endMs && !tape.live;
  return { ...(over ? seek(playback, tape.startMs, tape) : playback), playing: true };
}

/** The last one that has begun. @returns its index, 0 before the first; -1: there is none */
export function segmentAt(segments: readonly { readonly startMs: number }[], ms: number): number {
  return Math.max(
    Math.min(0, segments.length - 1),
    segments.findLastIndex(({ startMs }) => startMs <= ms),
  );
}

export function spanAt<T extends Span>(spans: readonly T[], ms: number): T | undefined {
  return spans.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
}

/** Shorter pauses are part of working. */
export const MIN_IDLE_MS = 3_000;
/** What is still shown after something happened, and before the next. */
const AFTER_MS = 1_000;
const BEFORE_MS = 500;

/** A stretch of a segment without anything; `quiet` ends touch the segment's own, where the next one may go on. */
export interface Quiet extends Span {
  readonly opens: boolean;
  readonly closes: boolean;
}

/** @param activity when something happened in it, in any order */
export function quietOf({ fromMs, toMs }: Span, activity: readonly number[]): readonly Quiet[] {
  const times = activity.filter((ms) => ms >= fromMs && ms <= toMs).toSorted((one, other) => one - other);
  const edges = [fromMs, ...times, toMs];
  return edges
    .slice(1)
    .map((end, index) => ({
      ...{ fromMs: edges[index] ?? fromMs, toMs: end },
      opens: index === 0,
      closes: index === edges.length - 2,
    }))
    .filter(({ opens, closes, ...span }) => opens || closes || span.toMs - span.fromMs > MIN_IDLE_MS);
}

/** Stretches that go on in the next segment are one. @param quiet in their order */
export function idleSpans(quiet: readonly Quiet[]): readonly Span[] {
  const whole: Quiet[] = [];
  for (const one of quiet) {
    const last = whole.at(-1);
    if (last?.closes === true && one.opens && one.fromMs - last.toMs < BEFORE_MS)
      whole[whole.length - 1] = { ...last, toMs: one.toMs, closes: one.closes };
    else whole.push(one);
  }
  return whole
    .filter(({ fromMs, toMs }) => toMs - fromMs > MIN_IDLE_MS)
    .map(({ fromMs, toMs, opens, closes }) => ({
      fromMs: fromMs + (opens ? 0 : AFTER_MS),
      toMs: toMs - (closes ? 0 : BEFORE_MS),
    }));
}
