// Deletes what left Git: in reverse order, by UID, and waits until it is gone. A finalizer that blocks is named, never
// stripped.
import { isStatus, KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { healthOf } from '../observe/health.ts';
import { stepKey } from '../plan/arrange.ts';
import { rankOf } from '../plan/order.ts';
import type { Change, Plan } from '../plan/plan.ts';
import { describeId, type ObjectId, partsOf } from '../render/manifest.ts';
import { textAt } from '../render/yaml/json.ts';
import type { Problem } from '../validate/validate.ts';
import { classifyRefusal, clusterError } from './classify.ts';
import { eachLimited, readExact } from './cluster.ts';
import { finishInHand } from './in-hand.ts';
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

type Deletion = Extract<Change, { action: 'delete' }>;

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

export interface PruneOptions {
  readonly signal: AbortSignal;
  /** Of what stays: while there is any, what is marked `last` stays too. Left out: nothing stays. */
  readonly unhealthy?: readonly { readonly id: ObjectId }[];
}

/** What something that is still there depends on stays too: its deletion could only break it. */
export async function prunePlan(
  target: SyncTarget,
  plan: Plan,
  resources: ReadonlyMap<ObjectId, Resource>,
  { signal, unhealthy = [] }: PruneOptions,
): Promise<Pruned> {
  using inHand = finishInHand(signal);
  const gone = new Set<ObjectId>();
  const failures: Problem[] = [];
  const keep = (id: ObjectId, code: Problem['code'], message: string): void => {
    failures.push({ code, message: `${describeId(id)}: ${message}`, object: id });
  };
  const needed = new Map<ObjectId, ObjectId>();
  const deletions = plan.changes.filter((change): change is Deletion => change.action === 'delete');
  const groups = Map.groupBy(deletions, ({ id, place, last }) => `${last === true} ${stepKey(id, place)} ${rankOf(id)}`);
  for (const group of groups.values()) {
    const batch = group.flatMap(({ id, uid, last }) => {
      const resource = resources.get(id);
      const why = needed.has(id)
        ? `kept while ${describeId(needed.get(id) ?? id)} depends on it`
        : last === true
          ? whyLastStays(failures, unhealthy)
          : undefined;
      if (why !== undefined) keep(id, 'DependencyNotReady', why);
      return resource === undefined || why !== undefined ? [] : [{ id, uid, resource }];
    });
    const remaining = await deleteAndWait(target.tenant, target.own, batch, PRUNE_WAIT_MS, signal, inHand.signal);
    for (const { id, code, message } of remaining) keep(id, code, message);
    const kept = new Set(failures.map(({ object }) => object));
    for (const { id, place } of group) {
      target.verified.forget(ownerMark(target.owner), id);
      if (!kept.has(id)) gone.add(id);
      else for (const need of place?.needs ?? []) needed.set(need, id);
    }
  }
  return { gone, failures };
}

function whyLastStays(failures: readonly Problem[], unhealthy: readonly { readonly id: ObjectId }[]): string | undefined {
  const [remaining] = failures;
  if (remaining?.object !== undefined) return `it goes last, and ${describeId(remaining.object)} is still there`;
  const [sick] = unhealthy;
  return sick === undefined ? undefined : `it goes last, and ${describeId(sick.id)} is not healthy`;
}

/** Gives what is still there. An object with another UID is another object: ours is gone (S-079). */
export async function deleteAndWait(
  tenant: Pick<KubeClient, 'delete'>,
  own: Pick<KubeClient, 'text'>,
  batch: readonly Deletable[],
  timeoutMs: number,
  signal: AbortSignal,
  inHand: AbortSignal,
): Promise<readonly Remaining[]> {
  const refused: Remaining[] = [];
  await eachLimited(batch, CONCURRENCY, async (object) => {
    signal.throwIfAborted();
    const refusal = await deleteOne(tenant, object, inHand);
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
