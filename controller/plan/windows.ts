// Sync windows: when a GitSync may write. Pure: whoever calls has the clock.
//
// A window is a span of the wall clock of its zone: 22:00 for 8h ends when the clock shows 06:00, also in the nights in which
// it is changed. What the clock skips is in no window, and what it shows twice is in the window twice.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { SyncWindow } from '../../schemas/kinds/git-sync/sync-window.ts';
import { durationMs } from '../../schemas/kinds/kind.ts';
import { CronSchedule } from './cron-schedule.ts';
import { nextOffsetChange, offsetAt } from './zone-offset.ts';

export interface WindowState {
  /** Whether a sync may write now. */
  readonly open: boolean;
  /** Whether one that somebody asked for by hand may. */
  readonly openByHand: boolean;
  /** Why, for people. */
  readonly because: string;
  /** The next instant at which `open` changes; `undefined`: none within a year. */
  readonly nextChangeAt: Date | undefined;
}

const DAY_MS = 86_400_000;
const HORIZON_MS = 366 * DAY_MS;
/** Edges that change nothing (a window every minute that is always open) are passed over, but not for ever. */
const MAX_EDGES = 300;

/**
 * Deny wins over Allow; where there is any Allow, nothing is written outside of all of them.
 * @throws StreamSpaceError `WindowInvalid`
 */
export function windowAt(windows: readonly SyncWindow[], instant: Date): WindowState {
  const spans = windows.map((window) => new Span(window));
  const now = judge(spans, instant.getTime());
  return { ...now, nextChangeAt: nextChange(spans, instant.getTime(), now.open) };
}

function judge(spans: readonly Span[], at: number): Pick<WindowState, 'open' | 'openByHand' | 'because'> {
  const denying = spans.filter((span) => span.window.kind === 'Deny' && span.holdsAt(at));
  const allowing = spans.filter((span) => span.window.kind === 'Allow');
  const allowed = allowing.find((span) => span.holdsAt(at));
  const [denied] = denying;
  const byHand = denying.every(({ window }) => window.manual);
  if (denied !== undefined) {
    const inside = allowed !== undefined || allowing.length === 0 || allowing.every(({ window }) => window.manual);
    return { open: false, openByHand: byHand && inside, because: `a window denies it: ${denied.words}` };
  }
  if (allowed !== undefined) return { open: true, openByHand: true, because: `a window allows it: ${allowed.words}` };
  if (allowing.length === 0) return { open: true, openByHand: true, because: 'no window denies it' };
  const because = `no window allows it now: ${allowing.map(({ words }) => words).join('; ')}`;
  return { open: false, openByHand: allowing.every(({ window }) => window.manual), because };
}

function nextChange(spans: readonly Span[], from: number, open: boolean): Date | undefined {
  let at = from;
  for (let edges = 0; edges < MAX_EDGES; edges += 1) {
    at = Math.min(...spans.map((span) => span.nextEdge(at, from + HORIZON_MS)));
    if (at > from + HORIZON_MS) return undefined;
    if (judge(spans, at).open !== open) return new Date(at);
  }
  return undefined;
}

/** One window on the time line. */
class Span {
  readonly window: SyncWindow;
  readonly words: string;
  readonly #schedule: CronSchedule;
  readonly #durationMs: number;

  constructor(window: SyncWindow) {
    this.window = window;
    const { schedule, duration, timeZone, description } = window;
    this.words = `"${schedule}" for ${duration} in ${timeZone}${description === undefined ? '' : ` (${description})`}`;
    this.#durationMs = durationMs(duration);
    try {
      this.#schedule = new CronSchedule(schedule);
      offsetAt(timeZone, 0);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StreamSpaceError('WindowInvalid', `the window ${this.words} cannot be read: ${why}`, { cause });
    }
  }

  holdsAt(at: number): boolean {
    const wall = at + offsetAt(this.window.timeZone, at); // the clock on the wall, read as if it were UTC
    const start = this.#schedule.after(wall - this.#durationMs);
    return start <= wall;
  }

  /** Until then `holdsAt` says what it says right after `at`. Infinity beyond `until`. */
  nextEdge(at: number, until: number): number {
    const offset = offsetAt(this.window.timeZone, at);
    const wall = at + offset;
    const end = this.#schedule.after(wall - this.#durationMs) + this.#durationMs;
    const edge = Math.min(end > wall ? end : Number.POSITIVE_INFINITY, this.#schedule.after(wall)) - offset;
    const changed = nextOffsetChange(this.window.timeZone, at, Math.min(edge, until));
    return changed ?? (edge > until ? Number.POSITIVE_INFINITY : edge);
  }
}
