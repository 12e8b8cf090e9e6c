// The end of a GitSync: its objects go first, in reverse order, or stay, as spec.deletionPolicy says.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { FINALIZERS } from '../../../schemas/names.ts';
import { loadInventory, saveInventory } from '../../apply/inventory-store.ts';
import { readLeaving } from '../../apply/live.ts';
import { ownerMark } from '../../apply/ownership.ts';
import { prunePlan } from '../../apply/prune.ts';
import type { SyncTarget } from '../../apply/target.ts';
import { serviceAccount } from '../../apply/tenant.ts';
import { orderDeletions, planDeletion } from '../../plan/deletions.ts';
import type { PlanPolicy } from '../../plan/input.ts';
import { inventoryAfter } from '../../plan/inventory.ts';
import type { Plan } from '../../plan/plan.ts';
import { failureFrom } from '../failures.ts';
import { removeFinalizer } from '../finalizer.ts';
import type { SyncRun } from './run.ts';
import { inventoryOwner } from './surroundings.ts';

export async function takeAwayGitSync(run: SyncRun): Promise<void> {
  const { ports, sync, spec, owner } = run;
  if (!(sync.metadata.finalizers ?? []).includes(FINALIZERS.gitSync)) return;
  if (spec.deletionPolicy !== 'Orphan') await deleteAll(run);
  ports.onInventory(ownerMark(owner), []);
  ports.verified.forget(ownerMark(owner));
  ports.telling.forget(ownerMark(owner), sync.metadata.uid);
  // The inventory goes with its owner, by the garbage collector.
  await removeFinalizer(ports.client, RESOURCES.gitSyncs, sync, FINALIZERS.gitSync);
}

async function deleteAll(run: SyncRun): Promise<void> {
  const { ports, owner, spec, signal } = run;
  const target: SyncTarget = {
    owner,
    tenant: ports.client.as(serviceAccount(owner.namespace, spec.serviceAccountName)),
    own: ports.client,
    mapper: ports.mapper,
    conflicts: spec.conflicts,
    verified: ports.verified,
  };
  const stored = await loadInventory(ports.client, inventoryOwner(run), signal);
  const { leaving, resources } = await readLeaving(target, stored.entries, new Set(), signal);
  // Whoever deletes the GitSync has confirmed what goes with it; what is marked to stay stays.
  const policy: PlanPolicy = {
    owner: ownerMark(owner),
    revision: undefined,
    confirmed: undefined,
    prune: spec.prune,
    conflicts: spec.conflicts,
    otherSyncs: new Set(),
  };
  const places = orderDeletions(stored.entries.keys(), leaving);
  const changes = [...places].flatMap(([id, place]) =>
    planDeletion(id, leaving.get(id), policy).map((change) => ({ ...change, place })),
  );
  const plan: Plan = { changes, warnings: [] };
  const pruned = await prunePlan(target, plan, resources, { signal });
  const [first] = pruned.failures;
  if (first === undefined) return;
  // What is told to go is no longer ours to wait for, unless that is wanted; what may not be deleted always is.
  const going = pruned.failures.every(({ code }) => code === 'PruneIncomplete');
  if (going && spec.deletionPolicy === 'Delete') {
    const more = pruned.failures.length > 1 ? ` (and ${pruned.failures.length - 1} more)` : '';
    run.report.event('Warning', 'PruneIncomplete', `not waited for any longer: ${first.message}${more}`);
    return;
  }
  await saveInventory(ports.client, inventoryOwner(run), stored, inventoryAfter(stored.entries, pruned.gone), signal);
  throw failureFrom(pruned.failures, first.code);
}
