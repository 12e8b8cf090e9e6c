// What may be deleted, and when somebody has to confirm.
import { ANNOTATIONS } from '../../schemas/names.ts';
import { type ObjectId, partsOf } from '../render/manifest.ts';
import { textAt } from '../render/yaml/json.ts';
import { NO_WISH } from '../validate/order-wishes.ts';
import type { Identified } from '../validate/validate.ts';
import { comparePlaces, type Place, placesOf } from './arrange.ts';
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
  const never = neverPruned(id, policy);
  if (never !== undefined) return [{ id, action: 'skip', reason: `kept: spec.prune.never has ${never}` }];
  const last = leaving.pruneLast === true;
  const when = last ? ['after everything else, as it is marked'] : [];
  const reason = ['no longer in Git', ...when, ...goingWith(leaving)].join('; ');
  return [{ id, action: 'delete', uid: leaving.uid, reason, ...(last ? { last } : {}) }];
}

/** Those that are marked so, last; else the reverse of applying. */
export function orderDeletions(ids: Iterable<ObjectId>, leaving: ReadonlyMap<ObjectId, Leaving>): ReadonlyMap<ObjectId, Place> {
  const places = placesOf(new Map([...ids].map((id) => [id, leaving.get(id)?.order ?? NO_WISH])));
  const isLast = (id: ObjectId): number => Number(leaving.get(id)?.pruneLast === true);
  return new Map([...places].toSorted(([a], [b]) => isLast(a) - isLast(b) || comparePlaces(b, a, places)));
}

/** Why an object that is marked replaceable must not be: what is never deleted is not deleted on the way to another one either. */
export function replaceRefusal(wanted: Identified, policy: PlanPolicy): string | undefined {
  if (pruneMark(wanted) === 'disabled') return `it is marked ${ANNOTATIONS.prune}: disabled, and to replace it would delete it`;
  const never = neverPruned(wanted.id, policy);
  return never === undefined ? undefined : `spec.prune.never has ${never}, and to replace it would delete it`;
}

/**
 * All of them wait where the guard trips: a half of a mistake is no better than the whole. What is replaced is deleted too, and
 * so counts.
 */
export function guardDeletions(
  changes: readonly Change[],
  leaving: ReadonlyMap<ObjectId, Leaving>,
  inventorySize: number,
  policy: PlanPolicy,
): readonly Change[] {
  if (policy.revision !== undefined && policy.confirmed === policy.revision) return changes;
  const tripped = trippedGuard(changes.filter(isDeletion).length, inventorySize, policy);
  return changes.map((change) => {
    if (!isDeletion(change)) return change;
    const { id, action, position, reason } = change;
    const why = tripped ?? mustConfirm(change, leaving.get(id));
    if (why === undefined) return change;
    const whole = action === 'replace' ? `to be replaced (${reason}), it is deleted first; ${why}` : why;
    return {
      id,
      action: 'blocked',
      code: 'DeletionsBlocked',
      reason: whole,
      conflicts: [],
      ...(position === undefined ? {} : { position }),
    };
  });
}

type Deletion = Change & { readonly action: 'delete' | 'replace' };

function isDeletion(change: Change): change is Deletion {
  return change.action === 'delete' || change.action === 'replace';
}

function mustConfirm(change: Deletion, leaving: Leaving | undefined): string | undefined {
  const { kind } = partsOf(change.id);
  if (CONFIRMED_KINDS.has(kind))
    return [`deleting a ${kind} has to be confirmed`, ...(leaving === undefined ? [] : goingWith(leaving))].join(': ');
  const marked = leaving?.pruneConfirm === true || (change.action === 'replace' && pruneMark(change.wanted) === 'confirm');
  return marked ? 'it is marked to be deleted only when confirmed' : undefined;
}

function goingWith({ instances }: Leaving): readonly string[] {
  if (instances === undefined) return [];
  const { kind, count } = instances;
  return [
    count === 0 ? `no ${kind} lives` : `with it ${count === 1 ? 'goes' : 'go'} ${count} ${kind}${count === 1 ? '' : ' objects'}`,
  ];
}

function pruneMark({ manifest }: Identified): string | undefined {
  return textAt(manifest.object, 'metadata', 'annotations', ANNOTATIONS.prune);
}

function neverPruned(id: ObjectId, { prune }: PlanPolicy): string | undefined {
  return prune.never.find((kind) => isKind(id, kind));
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
