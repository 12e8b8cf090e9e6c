// The player between the clock, the worker and the page: who shows it subscribes to its state. A picture is asked for when the one
// before has been shown, so what cannot be decoded in time is left out, and the clock waits for what is not there yet.
import {
  advance,
  idleSpans,
  type Playback,
  playOrPause,
  type Quiet,
  quietOf,
  type Rate,
  type Span,
  STOPPED,
  seek,
  type Tape,
} from '../model/recordings/playback.ts';
import type { FromWorker, HeldSegment, Picture, PlayedSegment, PlayerProblem } from './messages.ts';
import type { OpenPlayer, PlayerPort } from './open-player.ts';

export interface EngineState {
  readonly playback: Playback;
  readonly tape: Tape;
  /** Undefined: none was shown yet. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** The clock waits for a picture. */
  readonly waiting: boolean;
  readonly problem: PlayerProblem | undefined;
  readonly thumbnails: ReadonlyMap<number, Picture>;
  /** The last stretch that was jumped over, to be said for a while. */
  readonly skipped: { readonly ms: number; readonly at: number } | undefined;
}

/** What the index of the recording says. */
export interface Played {
  readonly segments: readonly PlayedSegment[];
  readonly gaps: readonly Span[];
  /** When something happened beside the picture. */
  readonly marks: readonly number[];
  readonly endMs: number;
  readonly live: boolean;
}

/** A picture that takes longer is said to be waited for. */
const PATIENCE_MS = 300;
const MAX_THUMBNAILS = 60;
const NOTHING: Tape = { startMs: 0, endMs: 0, live: false, idle: [] };

export class Engine implements Disposable {
  readonly #port: PlayerPort;
  readonly #address: string;
  readonly #draw: (picture: Picture) => void;
  readonly #listeners = new Set<() => void>();
  readonly #quiet = new Map<number, readonly Quiet[]>();
  readonly #asked = new Set<number>();
  #played: Played = { segments: [], gaps: [], marks: [], endMs: 0, live: false };
  #state: EngineState = {
    ...{ playback: STOPPED, tape: NOTHING, size: undefined, waiting: false, problem: undefined },
    ...{ thumbnails: new Map(), skipped: undefined },
  };
  #lastTick: number | undefined;
  #askedAt: number | undefined;
  #shownMs: number | undefined;

  /** @param address of the recording in the API */
  constructor(open: OpenPlayer, address: string, draw: (picture: Picture) => void) {
    this.#address = address;
    this.#draw = draw;
    this.#port = open((message) => this.#hear(message));
  }

  get state(): EngineState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** At the beginning, and whenever there is more of it. */
  load(played: Played): void {
    const first = this.#played.segments.length === 0;
    this.#played = played;
    this.#port.post({ type: 'segments', address: this.#address, segments: played.segments });
    this.#retape();
    if (first) this.seek(this.#state.tape.startMs);
  }

  seek(toMs: number): void {
    this.#change({ playback: seek(this.#state.playback, toMs, this.#state.tape), skipped: undefined, problem: undefined });
  }
  playOrPause(): void {
    this.#change({ playback: playOrPause(this.#state.playback, this.#state.tape), problem: undefined });
  }
  set(settings: { readonly rate: Rate } | { readonly skipIdle: boolean }): void {
    this.#change({ playback: { ...this.#state.playback, ...settings } });
  }

  /** Asks again for what was refused. */
  retry(): void {
    this.#shownMs = undefined;
    this.#change({ problem: undefined });
  }

  /** Its first picture comes into `thumbnails`, if it can be had. */
  askThumbnail(number: number): void {
    if (this.#asked.has(number)) return;
    this.#asked.add(number);
    this.#port.post({ type: 'thumbnail', number });
  }

  /** @param nowMs by a clock that does not go back */
  tick(nowMs: number): void {
    const elapsedMs = nowMs - (this.#lastTick ?? nowMs);
    this.#lastTick = nowMs;
    const { problem, tape, playback } = this.#state;
    if (problem !== undefined || this.#played.segments.length === 0) return;
    if (this.#askedAt !== undefined) {
      if (!this.#state.waiting && nowMs - this.#askedAt > PATIENCE_MS) this.#change({ waiting: true });
      return;
    }
    const next = advance(playback, elapsedMs, tape);
    if (next !== playback)
      this.#change({ playback: next, ...(next.skippedMs > 0 ? { skipped: { ms: next.skippedMs, at: nowMs } } : {}) });
    if (this.#shownMs === next.positionMs) return;
    this.#askedAt = nowMs;
    this.#shownMs = next.positionMs;
    this.#port.post({ type: 'show', atMs: next.positionMs });
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#port[Symbol.dispose]();
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'shown':
        this.#askedAt = undefined;
        if (message.picture !== undefined) this.#show(message.picture);
        if (this.#state.waiting) this.#change({ waiting: false });
        return;
      case 'held':
        this.#know(message.segments);
        return;
      case 'thumbnail':
        this.#keepThumbnail(message.number, message.picture);
        return;
      case 'failed':
        this.#askedAt = undefined;
        this.#change({
          problem: message.problem,
          waiting: false,
          playback: { ...this.#state.playback, playing: false },
        });
    }
  }

  #show(picture: Picture): void {
    const { width, height } = picture;
    const { size } = this.#state;
    this.#draw(picture);
    if (size?.width !== width || size.height !== height) this.#change({ size: { width, height } });
  }

  #keepThumbnail(number: number, picture: Picture): void {
    const kept = [...this.#state.thumbnails].slice(1 - MAX_THUMBNAILS);
    const thumbnails = new Map([...kept, [number, picture] as const]);
    for (const asked of this.#asked) if (!thumbnails.has(asked)) this.#asked.delete(asked);
    this.#change({ thumbnails });
  }

  #know(held: readonly HeldSegment[]): void {
    let more = false;
    for (const { number, changes } of held) {
      const segment = this.#played.segments.find((one) => one.number === number);
      if (segment === undefined || this.#quiet.has(number)) continue;
      const span = { fromMs: segment.startMs, toMs: segment.startMs + segment.durationMs };
      this.#quiet.set(number, quietOf(span, [...changes.map((ms) => span.fromMs + ms), ...this.#played.marks]));
      more = true;
    }
    if (more) this.#retape();
  }

  #retape(): void {
    const { segments, gaps, endMs, live } = this.#played;
    const silent = gaps.map((gap) => ({ ...gap, opens: true, closes: true }));
    const quiet = [...segments.flatMap(({ number }) => this.#quiet.get(number) ?? []), ...silent];
    const idle = idleSpans(quiet.toSorted((one, other) => one.fromMs - other.fromMs));
    this.#change({ tape: { startMs: segments[0]?.startMs ?? 0, endMs, live, idle } });
  }

  #change(changes: Partial<EngineState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of this.#listeners) listener();
  }
}
