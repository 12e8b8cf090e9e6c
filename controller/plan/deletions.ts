// What may be deleted, and when somebody has to confirm.
import { type ObjectId, partsOf } from '../render/manifest.ts';
import type { Leaving, PlanPolicy } from './input.ts';
import type { Change } from './plan.ts';

/** S-046, S-075: with these go data, or every object of their kind or in them. */
const CONFIRMED_KINDS = new Set([
  'CustomResourceDefinition',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StatefulSet',
]);
/** A share of fewer objects says nothing. */
const PERCENT_FROM = 5;

/** Nothing for an object that is gone already. */
export function planDeletion(id: ObjectId, leaving: Leaving | undefined, policy: PlanPolicy): readonly Change[] {
  if (leaving === undefined) return [];
  if (leaving.owner !== policy.owner) {
    const reason = leaving.owner === undefined ? 'kept: it has lost our owner mark' : `kept: it belongs to ${leaving.owner}`;
    return [{ id, action: 'skip', reason, notOurs: true }];
  }
  if (leaving.pruneDisabled) return [{ id, action: 'skip', reason: 'kept: it is marked never to be pruned' }];
  if (!policy.prune.enabled) return [{ id, action: 'skip', reason: 'kept: spec.prune.enabled is false' }];
  const never = policy.prune.never.find((kind) => isKind(id, kind));
  if (never !== undefined) return [{ id, action: 'skip', reason: `kept: spec.prune.never has ${never}` }];
  return [{ id, action: 'delete', uid: leaving.uid, reason: 'no longer in Git' }];
}

/** All of them wait where the guard trips: a half of a mistake is no better than the whole. */
export function guardDeletions(changes: readonly Change[], inventorySize: number, policy: PlanPolicy): readonly Change[] {
  if (policy.revision !== undefined && policy.confirmed === policy.revision) return changes;
  const deletions = changes.filter(({ action }) => action === 'delete');
  const tripped = trippedGuard(deletions.length, inventorySize, policy);
  return changes.map((change) => {
    if (change.action !== 'delete') return change;
    const { kind } = partsOf(change.id);
    const why = tripped ?? (CONFIRMED_KINDS.has(kind) ? `deleting a ${kind} has to be confirmed` : undefined);
    return why === undefined
      ? change
      : { id: change.id, action: 'blocked', code: 'DeletionsBlocked', reason: why, conflicts: [] };
  });
}

function trippedGuard(deletions: number, inventorySize: number, { prune }: PlanPolicy): string | undefined {
  if (prune.maxDeletions !== undefined && deletions > prune.maxDeletions)
    return `${deletions} deletions, spec.prune.maxDeletions is ${prune.maxDeletions}`;
  const percent = Math.floor((deletions * 100) / Math.max(1, inventorySize));
  if (inventorySize >= PERCENT_FROM && percent > prune.maxDeletionPercent)
    return `${deletions} of ${inventorySize} objects would be deleted, spec.prune.maxDeletionPercent is ${prune.maxDeletionPercent}`;
  return undefined;
}

/** `PersistentVolumeClaim` or `apps/StatefulSet`. */
function isKind(id: ObjectId, text: string): boolean {
  const { group, kind } = partsOf(id);
  return text.includes('/') ? text === `${group}/${kind}` : text === kind;
}
