// The health of a GitSync in one word. Pure.
import type { GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { Unhealthy } from '../../observe/wait.ts';

/** The worst of all. */
export function healthWord(unhealthy: readonly Unhealthy[]): NonNullable<GitSyncStatus['health']> {
  const has = (state: Unhealthy['state']): boolean => unhealthy.some((each) => each.state === state);
  if (unhealthy.length === 0) return 'Healthy';
  return has('Failed') ? 'Degraded' : has('Unknown') ? 'Unknown' : 'Progressing';
}
