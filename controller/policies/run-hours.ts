// The hours of a schedule: spans of the wall clock, read as the windows of a GitSync are (ADR 0009).
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { SyncWindow } from '../../schemas/kinds/git-sync/sync-window.ts';
import type { RunHours, ScheduleRule } from '../../schemas/kinds/policies/lifetime-rules.ts';
import { type WindowState, windowAt } from '../plan/windows.ts';

const DAY_MINUTES = 1440;

/** `open`: sessions may run now. One that cannot be read is always open: what nobody understands ends nobody's work. */
export function hoursAt(schedule: ScheduleRule, now: Date): Pick<WindowState, 'open' | 'nextChangeAt'> {
  const state = stateOf(schedule, now);
  return state instanceof StreamSpaceError ? { open: true, nextChangeAt: undefined } : state;
}

/** Why a schedule cannot be read; undefined where it can. */
export function hoursProblem(schedule: ScheduleRule, now: Date): string | undefined {
  const state = stateOf(schedule, now);
  return state instanceof StreamSpaceError ? state.message : undefined;
}

function stateOf({ hours, timeZone }: ScheduleRule, now: Date): WindowState | StreamSpaceError {
  try {
    return windowAt(
      hours.map((each) => windowOf(each, timeZone)),
      now,
    );
  } catch (error) {
    if (error instanceof StreamSpaceError) return error;
    throw error;
  }
}

function windowOf({ days, from, to }: RunHours, timeZone: string): SyncWindow {
  const begin = minutesOf(from);
  const length = (minutesOf(to) - begin + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  const schedule = `${begin % 60} ${Math.floor(begin / 60)} * * ${days.join(',')}`;
  return { kind: 'Allow', manual: false, schedule, duration: `${length}m`, timeZone };
}

function minutesOf(clock: string): number {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}
