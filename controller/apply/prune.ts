// Deletes what left Git: in reverse order, by UID, and waits until it is gone. A finalizer that blocks is named, never
// stripped.
import { isStatus, KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { healthOf } from '../observe/health.ts';
import { rankOf } from '../plan/order.ts';
import type { Change, Plan } from '../plan/plan.ts';
import { textAt } from '../render/json.ts';
import { describeId, type ObjectId, partsOf } from '../render/manifest.ts';
import type { Problem } from '../validate/validate.ts';
import { classifyRefusal, clusterError } from './classify.ts';
import { eachLimited, readExact } from './cluster.ts';
import { ownerMark } from './ownership.ts';
import type { SyncTarget } from './target.ts';

export interface Deletable {
  readonly id: ObjectId;
  readonly uid: string;
  readonly resource: Resource;
}

export interface Remaining {
  readonly id: ObjectId;
  readonly code: Problem['code'];
  /** Who blocks it. */
  readonly message: string;
}

export interface Pruned {
  readonly gone: ReadonlySet<ObjectId>;
  readonly failures: readonly Problem[];
}

const CONCURRENCY = 8;
/** S-077: then the finalizer is named and the others go on. */
export const PRUNE_WAIT_MS = 30_000;

/** Kinds that own nothing: foreground deletion would only wait for the garbage collector to find that out. */
const LEAVES = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'Template',
  'Team',
  'GitSync',
  'Namespace',
  'CustomResourceDefinition',
]);

export async function prunePlan(
  target: SyncTarget,
  plan: Plan,
  resources: ReadonlyMap<ObjectId, Resource>,
  signal: AbortSignal,
): Promise<Pruned> {
  const gone = new Set<ObjectId>();
  const failures: Problem[] = [];
  const deletions = plan.changes.filter((change): change is Extract<Change, { action: 'delete' }> => change.action === 'delete');
  for (const group of Map.groupBy(deletions, ({ id }) => rankOf(id)).values()) {
    const batch = group.flatMap(({ id, uid }) => {
      const resource = resources.get(id);
      return resource === undefined ? [] : [{ id, uid, resource }];
    });
    const left = new Map(
      (await deleteAndWait(target.tenant, target.own, batch, PRUNE_WAIT_MS, signal)).map((each) => [each.id, each]),
    );
    for (const { id } of group) {
      const remaining = left.get(id);
      target.verified.forget(ownerMark(target.owner), id);
      if (remaining === undefined) gone.add(id);
      else failures.push({ code: remaining.code, message: `${describeId(id)}: ${remaining.message}`, object: id });
    }
  }
  return { gone, failures };
}

/** Gives what is still there. An object with another UID is another object: ours is gone (S-079). */
export async function deleteAndWait(
  tenant: Pick<KubeClient, 'delete'>,
  own: Pick<KubeClient, 'text'>,
  batch: readonly Deletable[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Remaining[]> {
  const refused: Remaining[] = [];
  await eachLimited(batch, CONCURRENCY, async (object) => {
    signal.throwIfAborted();
    const refusal = await deleteOne(tenant, object, signal);
    if (refusal !== undefined) refused.push(refusal);
  });
  let open = batch.filter(({ id }) => !refused.some((each) => each.id === id));
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 1000)) {
    const left: Remaining[] = [];
    await eachLimited(open, CONCURRENCY, async ({ id, uid, resource }) => {
      const { namespace, name } = partsOf(id);
      const live = await readExact(own, { resource, namespace: namespace === '' ? undefined : namespace, name }, signal);
      if (live !== undefined && textAt(live, 'metadata', 'uid') === uid)
        left.push({ id, code: 'PruneIncomplete', message: healthOf(live).message });
    });
    if (left.length === 0 || performance.now() > deadline) return [...refused, ...left];
    const waiting = new Set(left.map(({ id }) => id));
    open = open.filter(({ id }) => waiting.has(id));
    await delay(waitMs, signal);
  }
}

async function deleteOne(
  tenant: Pick<KubeClient, 'delete'>,
  { id, uid, resource }: Deletable,
  signal: AbortSignal,
): Promise<Remaining | undefined> {
  const { namespace, name, kind } = partsOf(id);
  const propagation = LEAVES.has(kind) ? 'Background' : 'Foreground';
  try {
    await tenant.delete(resource, namespace === '' ? undefined : namespace, name, { uid, propagation, signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (isStatus(error, 409)) return undefined; // the UID precondition: the next look says what is there
    const refusal = error instanceof KubeStatusError ? classifyRefusal(error, kind) : undefined;
    if (refusal === undefined) throw clusterError(error);
    return { id, code: refusal.code, message: refusal.message };
  }
}
