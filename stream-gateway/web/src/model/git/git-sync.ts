// What the page says about a GitSync, from its status. Pure.
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import type { Condition } from '../../../../../schemas/kinds/kind.ts';
import type { Tone } from '../sessions/phases.ts';

export type SyncState = 'synced' | 'progressing' | 'suspended' | 'failed' | 'unknown';

export function readyOf({ status }: GitSyncView): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

export function syncStateOf(sync: GitSyncView): SyncState {
  if (sync.spec.suspend) return 'suspended';
  const ready = readyOf(sync);
  if (ready === undefined) return 'unknown';
  if (ready.status === 'True') return 'synced';
  return ready.reason === 'Progressing' || ready.status === 'Unknown' ? 'progressing' : 'failed';
}

export const SYNC_TONES: Readonly<Record<SyncState, Tone>> = {
  synced: 'good',
  progressing: 'busy',
  suspended: 'quiet',
  failed: 'bad',
  unknown: 'off',
};

/** What a plan lists line by line. */
export const PLAN_CHANGES = ['create', 'configure', 'replace', 'delete', 'blocked', 'skip'] as const;
export type PlanChange = (typeof PLAN_CHANGES)[number];

/** `templates/a.yaml:3`. */
export function placeOf({
  file,
  line,
}: {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}): string | null {
  if (file === undefined) return null;
  return line === undefined ? file : `${file}:${line}`;
}

export const shortRevision = (revision: string): string => revision.slice(0, 8);

/** What is followed: `main`, `v1.2 (tag)`, a range of versions, a commit. */
export function refText({ branch, tag, semver, commit }: GitSyncView['spec']['ref']): string {
  if (branch !== undefined) return branch;
  if (tag !== undefined) return `${tag} (tag)`;
  if (semver !== undefined) return `${semver} (highest tag in this range)`;
  return commit === undefined ? '' : `${shortRevision(commit)} (commit)`;
}

export interface BlockedDeletions {
  readonly revision: string;
  readonly count: number;
  /** At most as many as the status tells of. */
  readonly objects: readonly string[];
}

/** Deletions that wait for somebody's word, and for which revision; null where none do. */
export function blockedDeletionsOf({ status }: GitSyncView): BlockedDeletions | null {
  const problems = status?.problems ?? [];
  const blocked = problems.filter(({ code }) => code === 'DeletionsBlocked');
  const revision = status?.attempted;
  if (blocked.length === 0 || revision === undefined) return null;
  // Where nothing else is wrong, the plan counts those, too, that the list of problems has no room for.
  const counted = blocked.length === problems.length ? (status?.plan?.blocked ?? 0) : 0;
  return {
    revision,
    count: Math.max(blocked.length, counted),
    objects: blocked.flatMap(({ object }) => (object === undefined ? [] : [object])),
  };
}

/** `group/kind/namespace/name` in parts; the group is empty for core kinds. */
export function objectParts(object: string): { readonly kind: string; readonly name: string; readonly namespace: string } {
  const [, kind = '', namespace = '', ...name] = object.split('/');
  return { kind, namespace, name: name.join('/') };
}
