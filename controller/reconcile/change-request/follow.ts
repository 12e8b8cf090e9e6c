// A change request after its merge: until it is in the cluster, and for a while after that, as long as what goes wrong may be its doing.
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { type ChangeRequest, isDone, troubleAfterMerge } from '../../../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { groupOf, objectId } from '../../render/manifest.ts';
import { type MergeOutcome, mergeOutcome, SETTLING_MS } from '../merge-outcome.ts';
import { considerRollback } from './auto-rollback.ts';
import { type ChangeRun, closeBranch } from './run.ts';
import { is, isNot, type Verdict } from './status.ts';
import { targetOf } from './target.ts';

const SOON_MS = 15_000;
/** What its objects come to is told by nobody. */
const LOOK_MS = 30_000;
const DAY_MS = 24 * 3_600_000;

/** After how many milliseconds to look again. */
export async function followMerged(run: ChangeRun): Promise<number> {
  await closeBranch(run);
  const sync = await syncOf(run);
  if (sync === undefined || run.request.status?.mergeCommit === undefined) return SOON_MS;
  const { health = 'Unknown', conditions } = sync.status ?? {};
  const ready = findCondition(conditions, 'Ready');
  const outcome = await outcomeOf(run, sync, { applied: false });
  if (outcome?.state !== 'Applied') {
    if (ready?.status !== 'False') return SOON_MS;
    const said = isNot(ready.reason, `merged, and the sync says: ${ready.message}`);
    await run.save({ phase: 'Merged', ready: said, ...(outcome?.state === 'Failed' ? { settled: troubleOf(outcome) } : {}) });
    return Math.min(SOON_MS, (await considerRollback(run, sync)) ?? SOON_MS);
  }
  const { revision } = outcome;
  const at = run.ports.now().toISOString();
  await run.save({
    phase: 'Applied',
    ready: is('Applied', `revision ${revision.slice(0, 12)} is applied`),
    settled: settling(at),
    fields: { result: { revision, health, at } },
  });
  return await followApplied(run);
}

/** Until it has been well for its time, or is well again. */
export async function followApplied(run: ChangeRun): Promise<number> {
  const { ports, request, signal } = run;
  const { status } = request;
  const at = status?.result?.at ?? '';
  const sync = await syncOf(run);
  if (sync === undefined) {
    await run.save({ phase: 'Applied', settled: is('NotFollowed', 'its GitSync is not there any more') });
    return DAY_MS;
  }
  const outcome = await outcomeOf(run, sync, { applied: true });
  const failed = outcome?.state === 'Failed' ? [] : await ports.failed(request, sync, signal);
  const isOver = ports.now().getTime() - Date.parse(at) >= SETTLING_MS;
  if (outcome?.state === 'Failed') await run.save({ phase: 'Applied', settled: troubleOf(outcome) });
  else if (failed.length > 0) await run.save({ phase: 'Applied', settled: isNot('Degraded', failed.join('; ')) });
  else if (outcome?.state === 'Applied' && isDriftOf(request, sync, outcome))
    await run.save({ phase: 'Applied', settled: isNot('Drifted', `somebody has changed it since: ${outcome.drift}`) });
  else if (outcome !== undefined)
    await run.save({ phase: 'Applied', settled: isOver ? is('Healthy', 'what it changed is healthy') : settling(at) });
  // The GitSync looks, too: what it finds is told on the pull request.
  if (isUnwell(status) !== isUnwell(run.request.status)) ports.pushed(sync.spec.url);
  if (isDone(run.request)) return DAY_MS;
  return Math.min(LOOK_MS, (await considerRollback(run, sync)) ?? LOOK_MS);
}

async function syncOf({ ports, request, signal }: ChangeRun): Promise<GitSync | undefined> {
  const { namespace, name } = request.spec.target;
  return await ports.client.find<GitSync>(RESOURCES.gitSyncs, namespace, name, { signal });
}

async function outcomeOf(
  { ports, request, signal }: ChangeRun,
  { status = {} }: GitSync,
  { applied }: { readonly applied: boolean },
): Promise<MergeOutcome | undefined> {
  const contains = async (commit: string): Promise<boolean> => {
    const { repository } = await targetOf(ports.client, request, signal);
    return await ports.git.descends(
      repository,
      parseCommitSha(commit),
      parseCommitSha(request.status?.mergeCommit ?? ''),
      signal,
    );
  };
  return await mergeOutcome({ status, contains, applied });
}

/** Of objects that it changed; that others have drifted is no news of it. */
function isDriftOf({ status }: ChangeRequest, sync: GitSync, { drift }: Extract<MergeOutcome, { state: 'Applied' }>): boolean {
  if (drift === undefined) return false;
  const own = new Set(
    (status?.objects ?? []).map(({ apiVersion, kind, namespace = '', name }) =>
      String(objectId({ group: groupOf(apiVersion), kind, namespace, name })),
    ),
  );
  return sync.status?.plan?.changes.some(({ action, object }) => action !== 'skip' && own.has(object)) ?? false;
}

function isUnwell(status: ChangeRequest['status']): boolean {
  return troubleAfterMerge({ status }) !== undefined;
}

function settling(at: string): Verdict {
  const until = new Date(Date.parse(at) + SETTLING_MS).toISOString();
  return { status: 'Unknown', reason: 'Settling', message: `what it changed is watched until ${until}` };
}

function troubleOf({ code, message }: Extract<MergeOutcome, { state: 'Failed' }>): Verdict {
  return isNot(code, `the sync with it fails: ${message}`);
}
