// Makes the plan from what the API server said of each object. Pure: no client, no clock.
import { ANNOTATIONS } from '../../schemas/names.ts';
import type { ObjectId } from '../render/manifest.ts';
import { at, type JsonObject, textAt } from '../render/yaml/json.ts';
import { fieldsOf } from '../validate/fields.ts';
import { orderWishOf } from '../validate/order-wishes.ts';
import type { Identified } from '../validate/validate.ts';
import { comparePlaces, type Place, placesOf } from './arrange.ts';
import { guardDeletions, orderDeletions, planDeletion, replaceRefusal } from './deletions.ts';
import { differencesBetween } from './differences.ts';
import { giveUpFields } from './ignored.ts';
import type { DryRun, DryRuns, PlanPolicy } from './input.ts';
import type { Inventory } from './inventory.ts';
import type { Change, Plan } from './plan.ts';
import { keptForUnit } from './units.ts';

export function planChanges(objects: readonly Identified[], dryRuns: DryRuns, inventory: Inventory, policy: PlanPolicy): Plan {
  const places = placesOf(new Map(objects.map(({ id, manifest }) => [id, orderWishOf(manifest.object)])));
  const wanted = objects
    .toSorted((a, b) => comparePlaces(a.id, b.id, places))
    .map((each) => placed(planWanted(unwritten(each), dryRuns.wanted.get(each.id), policy), places));
  const present = new Set(objects.map(({ id }) => id));
  const leaving = orderDeletions(
    [...inventory.keys()].filter((id) => !present.has(id)),
    dryRuns.leaving,
  );
  const deletions = [...leaving.keys()].flatMap((id): readonly Change[] => {
    const entry = inventory.get(id);
    const kept = entry && policy.units && keptForUnit(entry, policy.units);
    if (kept !== undefined) return [{ id, action: 'skip', reason: kept }];
    return planDeletion(id, dryRuns.leaving.get(id), policy).map((change) => placed(change, leaving));
  });
  return { changes: guardDeletions([...wanted, ...deletions], dryRuns.leaving, inventory.size, policy), warnings: [] };
}

function placed(change: Change, places: ReadonlyMap<ObjectId, Place>): Change {
  const place = places.get(change.id);
  const plain = place === undefined || (place.wave === 0 && place.needs.length === 0 && place.level === 0);
  return plain ? change : { ...change, place };
}

/** S-060: a plan that somebody writes as JSON carries no manifest, and so no value of a Secret. */
function unwritten(wanted: Identified): Identified {
  return Object.defineProperty({ ...wanted }, 'toJSON', { value: () => undefined, enumerable: false });
}

function planWanted(wanted: Identified, dryRun: DryRun | undefined, policy: PlanPolicy): Change {
  const base = { id: wanted.id, position: wanted.manifest.position };
  if (dryRun === undefined)
    return {
      ...base,
      action: 'blocked',
      code: 'ClusterRequestFailed',
      reason: 'the API server was not asked about it',
      conflicts: [],
    };
  switch (dryRun.outcome) {
    case 'verified':
      return { ...base, action: 'unchanged', wanted };
    case 'absent':
      return { ...base, action: 'create', wanted, deferred: false };
    case 'deferred':
      return { ...base, action: 'create', wanted, deferred: true, reason: dryRun.reason };
    case 'refused':
      return planRefused(wanted, dryRun, policy);
    case 'accepted':
      return planAccepted(wanted, dryRun, policy);
  }
}

function planRefused(wanted: Identified, dryRun: Extract<DryRun, { outcome: 'refused' }>, policy: PlanPolicy): Change {
  const base = { id: wanted.id, position: wanted.manifest.position };
  const uid = textAt(dryRun.live, 'metadata', 'uid');
  const kept = keptAsItIs(wanted, dryRun.live, policy);
  if (kept !== undefined) return kept;
  const replaceable = textAt(wanted.manifest.object, 'metadata', 'annotations', ANNOTATIONS.replace) === 'true';
  // S-063: a limit of the store concerns this object alone, so it does not stop the others; the apply meets it again and says so.
  if (dryRun.code === 'ObjectTooLarge')
    return uid === undefined
      ? { ...base, action: 'create', wanted, deferred: true, reason: dryRun.message }
      : { ...base, action: 'configure', wanted, uid, reason: dryRun.message, differences: [], conflicts: [] };
  if (dryRun.code === 'FieldImmutable' && replaceable && uid !== undefined) {
    const refusal = replaceRefusal(wanted, policy);
    if (refusal === undefined)
      return { ...base, action: 'replace', wanted, uid, reason: dryRun.message, differences: [], conflicts: [] };
    return { ...base, action: 'blocked', code: 'FieldImmutable', reason: `${dryRun.message}; ${refusal}`, conflicts: [] };
  }
  return { ...base, action: 'blocked', code: dryRun.code, reason: dryRun.message, conflicts: dryRun.conflicts };
}

function planAccepted(wanted: Identified, dryRun: Extract<DryRun, { outcome: 'accepted' }>, policy: PlanPolicy): Change {
  const base = { id: wanted.id, position: wanted.manifest.position };
  const { live, result, conflicts } = dryRun;
  const uid = textAt(live, 'metadata', 'uid');
  if (uid === undefined) return { ...base, action: 'create', wanted, deferred: false };
  const kept = keptAsItIs(wanted, live, policy);
  if (kept !== undefined) return kept;
  const ignored = wanted.left?.fields ?? [];
  const found = differencesBetween(live, result, { ignored, masked: fieldsOf(policy.mask ?? [], wanted.id) });
  const given = giveUpFields(live, ignored);
  if (found.differences.length === 0 && conflicts.length === 0 && given === undefined)
    return { ...base, action: 'unchanged', wanted };
  const adopted = ownerOf(live) === policy.owner ? undefined : 'taken over: it was not applied by this GitSync before';
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].join(', ');
  const reasons = [
    managers === '' ? adopted : `taken over from field manager ${managers}`,
    given === undefined ? undefined : `${given.fields.join(', ')} left to others, as spec.ignore says`,
  ].filter((each) => each !== undefined);
  const reason = reasons.length === 0 ? undefined : reasons.join('; ');
  return { ...base, action: 'configure', wanted, uid, ...found, conflicts, ...(reason === undefined ? {} : { reason }) };
}

/** Live objects that are left alone, or may not be touched at all. */
function keptAsItIs(wanted: Identified, live: JsonObject | undefined, policy: PlanPolicy): Change | undefined {
  if (live === undefined) return undefined;
  const base = { id: wanted.id, position: wanted.manifest.position };
  const owner = ownerOf(live);
  if (owner !== undefined && owner !== policy.owner && policy.otherSyncs.has(owner))
    return { ...base, action: 'blocked', code: 'OwnedByAnother', reason: `it belongs to the GitSync ${owner}`, conflicts: [] };
  if (at(live, 'metadata', 'deletionTimestamp') !== undefined)
    return { ...base, action: 'skip', wanted, reason: 'it is being deleted; it is created again once it is gone' };
  if (textAt(wanted.manifest.object, 'metadata', 'annotations', ANNOTATIONS.apply) === 'IfAbsent')
    return { ...base, action: 'skip', wanted, reason: `it exists, and ${ANNOTATIONS.apply}: IfAbsent leaves it alone` };
  return undefined;
}

export function ownerOf(object: JsonObject): string | undefined {
  return textAt(object, 'metadata', 'annotations', ANNOTATIONS.gitSync);
}
