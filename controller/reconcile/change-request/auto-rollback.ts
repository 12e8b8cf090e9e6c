// Where the GitSync says so: what was merged and is not healthy is asked to be undone, once, by a change request that goes the ordinary way.
// It is a proposal: somebody approves it, whatever `requireApprovals` says (docs/adr/0053-after-the-merge.md).
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { ChangeRequest, ChangeRequestSpec } from '../../../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { API_GROUP_VERSION, CONTROLLER_FIELD_MANAGER, SYSTEM_REQUESTER } from '../../../schemas/names.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import type { ChangeRun } from './run.ts';
import { targetOf } from './target.ts';

/** Families of codes that say nothing about what was committed. */
const NOT_ITS_DOING = /^(Git|Cluster|Dependency|Drifted)/;

/** @returns after how many milliseconds it is due; undefined: there is nothing to wait for */
export async function considerRollback(run: ChangeRun, sync: GitSync): Promise<number | undefined> {
  const { ports, request } = run;
  const { autoRollback } = gitSyncSpec.parse(sync.spec).changes ?? {};
  const { status, spec, metadata } = request;
  const settled = findCondition(status?.conditions, 'Settled');
  if (autoRollback === undefined || status?.mergeCommit === undefined || settled?.status !== 'False') return undefined;
  // One that does not help is for people.
  if (status.rollback !== undefined || spec.requestedBy.name === SYSTEM_REQUESTER) return undefined;
  const { onFailure, onDegraded, afterSeconds } = autoRollback;
  const isDegraded = settled.reason === 'Degraded';
  if (isDegraded ? !onDegraded : !onFailure || !(await isItsDoing(run, sync, settled.reason))) return undefined;
  const leftMs = Date.parse(settled.lastTransitionTime) + 1000 * afterSeconds - ports.now().getTime();
  if (leftMs > 0) return leftMs;
  const wish: ChangeRequestSpec = {
    requestedBy: { name: SYSTEM_REQUESTER, displayName: 'StreamSpace', mayApprove: false },
    reason: `Roll back ${metadata.namespace}/${metadata.name}: merged, and not healthy (${settled.reason})`,
    target: spec.target,
    ...{ edits: [], reviews: [], withdrawn: false },
    rollback: { commits: [status.mergeCommit] },
  };
  const name = `rollback-${metadata.uid ?? metadata.name}`;
  await makeOnce(run, name, wish);
  await run.save({ phase: status.phase ?? 'Merged', fields: { rollback: { name } } });
  return undefined;
}

/** The revision before was good, and all that has come since is this. */
async function isItsDoing({ ports, request, signal }: ChangeRun, { status = {} }: GitSync, code: string): Promise<boolean> {
  const { mergeCommit = '' } = request.status ?? {};
  if (NOT_ITS_DOING.test(code) || status.attempted !== mergeCommit) return false;
  if (status.revision === mergeCommit) return true;
  const { repository } = await targetOf(ports.client, request, signal);
  const before = await ports.git.inClone(repository, (clone) => clone.parentsOf(parseCommitSha(mergeCommit)));
  return status.revision !== undefined && before.includes(parseCommitSha(status.revision));
}

/** By a name that follows from the change request: made again after a crash, it is there already. */
async function makeOnce({ ports, request, signal }: ChangeRun, name: string, spec: ChangeRequestSpec): Promise<void> {
  const { namespace } = request.metadata;
  const body = { apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name, namespace }, spec };
  const options = { fieldManager: CONTROLLER_FIELD_MANAGER, signal };
  try {
    await ports.client.create<ChangeRequest>(RESOURCES.changeRequests, namespace, JSON.stringify(body), options);
  } catch (error) {
    if (isStatus(error, 409)) return;
    throw error;
  }
  const { requestedBy, target, reason, rollback } = spec;
  const details = { target: `${target.namespace}/${target.name}`, reason, rollback: JSON.stringify(rollback) };
  const object = `ChangeRequest/${namespace}/${name}`;
  ports.audit({ type: 'change.requested', actor: requestedBy.name, result: 'success', object, details });
}
