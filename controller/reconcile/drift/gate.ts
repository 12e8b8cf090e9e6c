// Whether a GitSync may write now, by its windows. A sync that has begun is not asked again: it finishes.
import type { GitSync, GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { ANNOTATIONS } from '../../../schemas/names.ts';
import { windowAt } from '../../plan/windows.ts';
import type { Paused } from './report.ts';

export interface SyncGate {
  /** Why nothing may be written now; `undefined`: it may. */
  readonly closed: string | undefined;
  /** To the next edge: the call after that is on time even where the repository is polled rarely. */
  readonly lookAgainMs: number;
}

/** @throws StreamSpaceError `WindowInvalid` */
export function syncGate({ sync, spec }: { readonly sync: GitSync; readonly spec: GitSyncSpec }, now: Date): SyncGate {
  if (spec.windows.length === 0) return { closed: undefined, lookAgainMs: Number.POSITIVE_INFINITY };
  const { open, openByHand, because, nextChangeAt } = windowAt(spec.windows, now);
  const lookAgainMs = nextChangeAt === undefined ? Number.POSITIVE_INFINITY : nextChangeAt.getTime() - now.getTime();
  const asked = sync.metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
  const byHand = asked !== undefined && asked !== sync.status?.handledRequest;
  if (open || (byHand && openByHand)) return { closed: undefined, lookAgainMs };
  const opens = nextChangeAt === undefined ? 'it does not open within a year' : `it opens at ${isoSeconds(nextChangeAt)}`;
  return { closed: `nothing is written now, ${opens}; ${because}`, lookAgainMs };
}

export function closedFor(closed: string, applied: string | undefined, wanted: string): Paused {
  const waiting = applied === wanted ? '' : `; revision ${wanted.slice(0, 12)} waits`;
  return { reason: 'WindowClosed', message: `${closed}${waiting}` };
}

function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
