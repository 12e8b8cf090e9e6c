// A suspended GitSync: nothing is written into the cluster, but what differs from Git is told.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { ANNOTATIONS } from '../../../schemas/names.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { hasChanges, type Plan } from '../../plan/plan.ts';
import { describeId } from '../../render/manifest.ts';
import { planAt, type SyncRun } from '../git-sync-run.ts';
import { desiredAt, repositoryOf } from '../git-sync-source.ts';

export async function reportDrift(run: SyncRun): Promise<void> {
  const { report, signal } = run;
  const drifted = await findDrift(run);
  const message =
    drifted?.found === true ? `nothing is written; ${drifted.message}` : 'nothing is written while spec.suspend is true';
  const handledRequest = run.sync.metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
  await report.save({ ready: { status: 'False', reason: 'Suspended', message }, drifted, handledRequest }, signal);
}

/** Of the applied revision, from the clone: no Git server is asked. `undefined`: it cannot be told. */
async function findDrift(run: SyncRun): Promise<{ readonly found: boolean; readonly message: string } | undefined> {
  const { ports, spec, owner, report, signal } = run;
  const { revision } = report.status;
  if (revision === undefined) return undefined;
  try {
    const sha = parseCommitSha(revision);
    const repository = await repositoryOf(ports.client, owner.namespace, spec, signal);
    await ports.git.fetch(repository, spec.ref, sha, signal);
    const desired = await desiredAt(ports, { repository, spec, namespace: owner.namespace, sha }, signal);
    const { plan } = await planAt(run, desired, sha);
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
