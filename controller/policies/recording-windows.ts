// The windows of a RecordingPolicy: spans of the wall clock, read as those of a GitSync are.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { RecordingWindow } from '../../schemas/kinds/policies/recording-rules.ts';
import { type WindowState, windowAt } from '../plan/windows.ts';

/** Without windows always; a window that cannot be read counts as open, with all others: in doubt there is a recording. */
export function openAt(
  windows: readonly RecordingWindow[] | undefined,
  now: Date,
): { readonly open: boolean; readonly nextChangeAt?: Date | undefined } {
  if (windows === undefined) return { open: true };
  const state = stateAt(windows, now);
  return state instanceof StreamSpaceError ? { open: true } : { open: state.open, nextChangeAt: state.nextChangeAt };
}

/** Why a window cannot be used; undefined where all can. */
export function windowProblem(windows: readonly RecordingWindow[] | undefined, now: Date): string | undefined {
  const state = stateAt(windows ?? [], now);
  return state instanceof StreamSpaceError ? state.message : undefined;
}

function stateAt(windows: readonly RecordingWindow[], now: Date): WindowState | StreamSpaceError {
  const allowing = windows.map((window) => ({ ...window, kind: 'Allow', manual: false }) as const);
  try {
    return windowAt(allowing, now);
  } catch (error) {
    if (error instanceof StreamSpaceError) return error;
    throw error;
  }
}
