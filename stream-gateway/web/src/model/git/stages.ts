// How far a start has come, with the time that each stage took. Pure.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { SessionStage } from '../../../../../schemas/kinds/sessions/session.ts';

export type StageName = SessionStage['name'] | 'FirstPicture';

export interface StageProgress {
  readonly name: StageName;
  readonly state: 'done' | 'active' | 'waiting';
  /** How long it took, or has taken so far; null while it waits. */
  readonly ms: number | null;
  readonly at: number | null;
}

export const STAGES: readonly StageName[] = [
  'Admitted',
  'VolumeBound',
  'Scheduled',
  'ImageReady',
  'Started',
  'Answering',
  'FirstPicture',
];

/** When the start under way began. */
export function startOf(session: SessionView): number {
  return Date.parse(session.status?.startedAt ?? session.metadata.creationTimestamp);
}

/**
 * Every stage in order. A stage that a cluster never tells (a volume that was bound already) counts as done as soon as a
 * later one is. `firstPictureAt` is known to the page alone.
 */
export function stageProgress(
  session: SessionView,
  options: { readonly now: number; readonly firstPictureAt?: number | null },
): readonly StageProgress[] {
  const start = startOf(session);
  // Times come in whole seconds, and those of the last start may still be there.
  const times = new Map<StageName, number>(
    (session.status?.stages ?? []).map(({ name, at }) => [name, Date.parse(at)] as const).filter(([, at]) => at >= start - 1000),
  );
  if (options.firstPictureAt != null) times.set('FirstPicture', options.firstPictureAt);
  const lastDone = STAGES.findLastIndex((name) => times.has(name));
  let previous = start;
  return STAGES.map((name, index): StageProgress => {
    const at = times.get(name) ?? null;
    if (index <= lastDone) {
      const ms = at === null ? 0 : Math.max(0, at - previous);
      if (at !== null) previous = Math.max(previous, at);
      return { name, state: 'done', ms, at };
    }
    if (index === lastDone + 1) return { name, state: 'active', ms: Math.max(0, options.now - previous), at: null };
    return { name, state: 'waiting', ms: null, at: null };
  });
}
