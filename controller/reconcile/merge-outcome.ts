// What became of a merge in the cluster, by what the status of its GitSync says. Pure; whoever calls it can look into Git.
import { findCondition } from '../../runtime/kube/conditions.ts';
import { ERRORS } from '../../schemas/errors.ts';
import type { GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';

/** So long after it was applied, what goes wrong is put down to it. */
export const SETTLING_MS = 15 * 60_000;

export type MergeOutcome =
  | { readonly state: 'Waiting' }
  | { readonly state: 'Failed'; readonly code: string; readonly message: string }
  /** `drift`: somebody has changed objects of the GitSync since, which are not put back. */
  | { readonly state: 'Applied'; readonly revision: string; readonly drift?: string };

export interface MergeFacts {
  readonly status: GitSyncStatus;
  /** Whether the merge is in this commit. */
  readonly contains: (commit: string) => Promise<boolean>;
  /** It was seen to be applied before. */
  readonly applied: boolean;
}

/** @returns undefined while a sync goes on that may say otherwise */
export async function mergeOutcome({ status, contains, applied }: MergeFacts): Promise<MergeOutcome | undefined> {
  const { revision, attempted, conditions } = status;
  const ready = findCondition(conditions, 'Ready');
  const inCluster = applied || (revision !== undefined && (await contains(revision)));
  // What fails once a later commit is tried is the failure of that one.
  const concerns = !inCluster || attempted === revision;
  // Suspended or between windows, nothing has failed.
  if (ready?.status === 'False' && concerns && Object.hasOwn(ERRORS, ready.reason))
    return { state: 'Failed', code: ready.reason, message: ready.message };
  if (!inCluster || revision === undefined) return { state: 'Waiting' };
  if (ready?.status === 'Unknown') return undefined;
  const drifted = findCondition(conditions, 'Drifted');
  return { state: 'Applied', revision, ...(drifted?.status === 'True' ? { drift: drifted.message } : {}) };
}
