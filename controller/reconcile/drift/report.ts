// A GitSync that may not write (suspended, or outside of its windows): what differs from Git is told all the same.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { ANNOTATIONS } from '../../../schemas/names.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { hasChanges, type Plan } from '../../plan/plan.ts';
import { describeId } from '../../render/manifest.ts';
import { planAt, rememberInventory, type SyncRun } from '../git-sync/run.ts';
import { desiredAt, repositoryOf } from '../git-sync/source.ts';

/** Why nothing is written. */
export interface Paused {
  readonly reason: 'Suspended' | 'WindowClosed';
  readonly message: string;
}

export async function reportDrift(run: SyncRun, { reason, message }: Paused): Promise<void> {
  const { report, signal } = run;
  const drifted = await findDrift(run);
  const told = drifted?.found === true ? `${message}; ${drifted.message}` : message;
  const handledRequest = run.sync.metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
  await report.save({ ready: { status: 'False', reason, message: told }, drifted, handledRequest }, signal);
}

/** Of the applied revision, from the clone: no Git server is asked. `undefined`: it cannot be told. */
async function findDrift(run: SyncRun): Promise<{ readonly found: boolean; readonly message: string } | undefined> {
  const { ports, spec, owner, report, signal } = run;
  const { revision } = report.status;
  if (revision === undefined) return undefined;
  try {
    const sha = parseCommitSha(revision);
    const repository = await repositoryOf(ports.client, owner.namespace, spec, signal);
    const ref = spec.ref.semver === undefined ? spec.ref : { commit: sha };
    await ports.git.fetch(repository, ref, sha, signal);
    const desired = await desiredAt(ports, { repository, spec, owner, ref, sha }, signal);
    const { plan, stored } = await planAt(run, desired, sha);
    rememberInventory(run, stored); // after a restart too, a change is seen at once
    return hasChanges(plan)
      ? { found: true, message: describeDrift(plan) }
      : { found: false, message: 'the cluster is as Git says' };
  } catch (error) {
    if (error instanceof StreamSpaceError && error.entry.category !== 'unavailable') return undefined;
    throw error;
  }
}

function describeDrift(plan: Plan): string {
  const changed = plan.changes.filter(({ action }) => ['create', 'configure', 'replace', 'delete'].includes(action));
  const names = changed.slice(0, 5).map(({ id }) => describeId(id));
  return `${changed.length} objects differ from Git: ${names.join(', ')}${changed.length > 5 ? ' and more' : ''}`;
}
