import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import type { ObjectId } from '../render/manifest.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';
import { idOfKind, liveObject, OWNER, POLICY, wantedObject } from './fixtures.ts';
import type { DryRun, DryRuns, Leaving, PlanPolicy } from './input.ts';
import { EMPTY_INVENTORY, type Inventory, inventoryAfter, inventoryDuring } from './inventory.ts';
import { compareIds } from './order.ts';
import { type Change, hasChanges, type Plan } from './plan.ts';
import { planChanges } from './plan-changes.ts';

const accepted = (live: JsonObject, result: JsonObject): DryRun => ({
  outcome: 'accepted',
  live,
  result,
  conflicts: [],
});

const ABSENT: DryRun = { outcome: 'absent' };

function planOne(wanted: Identified, dryRun: DryRun, policy: Partial<PlanPolicy> = {}): Change | undefined {
  return planChanges([wanted], { wanted: new Map([[wanted.id, dryRun]]), leaving: new Map() }, EMPTY_INVENTORY, {
    ...POLICY,
    ...policy,
  }).changes[0];
}

function inventoryOf(...ids: readonly ObjectId[]): Inventory {
  return new Map(ids.map((id) => [id, { id, version: 'v1' }]));
}

function planLeaving(inventory: Inventory, leaving: Readonly<Partial<Leaving>> = {}, policy: Partial<PlanPolicy> = {}): Plan {
  const live = new Map(
    [...inventory.keys()].map((id) => [id, { uid: `uid-${id}`, owner: OWNER, pruneDisabled: false, ...leaving }]),
  );
  return planChanges([], { wanted: new Map(), leaving: live }, inventory, { ...POLICY, ...policy });
}

test('what is not there is created, what differs is configured with its fields, what is the same is left', () => {
  const wanted = wantedObject('ConfigMap', 'a', { fields: { data: { k: 'v' } } });
  expect(planOne(wanted, ABSENT)).toMatchObject({ action: 'create' });
  expect(planOne(wanted, accepted(liveObject(wanted), liveObject(wanted)))).toMatchObject({ action: 'unchanged' });
  expect(planOne(wanted, accepted(liveObject(wanted, { data: { k: 'w' } }), liveObject(wanted)))).toMatchObject({
    action: 'configure',
    differences: [{ path: 'data.k', before: 'w', after: 'v' }],
  });
});

test('what the API server keeps for itself is no difference', () => {
  const wanted = wantedObject('Deployment', 'a', { apiVersion: 'apps/v1', fields: { spec: { replicas: 1 } } });
  const live: JsonObject = { ...liveObject(wanted), status: { replicas: 1 } };
  const metadata = { ...(live['metadata'] as JsonObject), resourceVersion: '8', generation: 3, managedFields: [] };
  expect(planOne(wanted, accepted(live, { ...live, metadata, status: {} }))).toMatchObject({ action: 'unchanged' });
});

test('S-060 no value of a Secret is in a plan, though that it changes is', () => {
  const wanted = wantedObject('Secret', 's', { fields: { data: { password: 'aHVudGVyMg==' } } });
  const change = planOne(wanted, accepted(liveObject(wanted, { data: { password: 'b2xk' } }), liveObject(wanted)));
  expect(change).toMatchObject({ action: 'configure', differences: [{ path: 'data.password' }] });
  const shown = Object.entries(change ?? {}).filter(([key]) => key !== 'wanted');
  expect(JSON.stringify(shown)).not.toMatch(/aHVudGVyMg|b2xk/);
});

test('S-049 an immutable field blocks and is named, unless the object is marked replaceable', () => {
  const refused = (wanted: Identified): DryRun => ({
    outcome: 'refused',
    code: 'FieldImmutable',
    message: 'spec.selector: field is immutable',
    live: liveObject(wanted),
    conflicts: [],
  });
  const plain = wantedObject('Service', 'a');
  expect(planOne(plain, refused(plain))).toMatchObject({
    action: 'blocked',
    code: 'FieldImmutable',
    reason: expect.stringContaining('spec.selector'),
  });
  const replaceable = wantedObject('Service', 'a', { annotations: { 'streamspace.io/replace': 'true' } });
  expect(planOne(replaceable, refused(replaceable))).toMatchObject({ action: 'replace' });
});

test('S-068 what is created only if absent is left alone when it is there', () => {
  const wanted = wantedObject('ConfigMap', 'a', { annotations: { 'streamspace.io/apply': 'IfAbsent' } });
  expect(planOne(wanted, accepted(liveObject(wanted, { data: { k: 'live' } }), liveObject(wanted)))).toMatchObject({
    action: 'skip',
  });
  expect(planOne(wanted, ABSENT)).toMatchObject({ action: 'create' });
});

test('an object of another GitSync is not taken while that GitSync exists', () => {
  const wanted = wantedObject('ConfigMap', 'a');
  const dryRun = accepted(liveObject(wanted, {}, 'team-web/b'), liveObject(wanted));
  expect(planOne(wanted, dryRun, { otherSyncs: new Set(['team-web/b']) })).toMatchObject({
    action: 'blocked',
    code: 'OwnedByAnother',
  });
  expect(planOne(wanted, dryRun)).toMatchObject({ action: 'configure' });
});

test('S-051 a field of another manager stands in the plan with its manager', () => {
  const wanted = wantedObject('Deployment', 'a', { apiVersion: 'apps/v1' });
  const conflicts = [{ manager: 'kubectl-edit', field: '.spec.replicas' }];
  expect(planOne(wanted, { outcome: 'accepted', live: liveObject(wanted), result: liveObject(wanted), conflicts })).toMatchObject(
    { action: 'configure', conflicts },
  );
  const refused: DryRun = {
    outcome: 'refused',
    code: 'ApplyConflict',
    message: 'other field managers own it',
    live: liveObject(wanted),
    conflicts,
  };
  expect(planOne(wanted, refused)).toMatchObject({ action: 'blocked', code: 'ApplyConflict', conflicts });
});

test('S-007 more deletions than the guard allows are all blocked until exactly this revision is confirmed', () => {
  const inventory = inventoryOf(...Array.from({ length: 6 }, (_, index) => idOfKind('ConfigMap', `c${index}`)));
  const blocked = planLeaving(inventory, {}, { revision: 'b'.repeat(40) });
  expect(blocked.changes.map((each) => each.action)).toEqual(Array(6).fill('blocked'));
  expect(planLeaving(inventory, {}, { revision: 'b'.repeat(40), confirmed: 'a'.repeat(40) }).changes[0]?.action).toBe('blocked');
  expect(
    planLeaving(inventory, {}, { revision: 'b'.repeat(40), confirmed: 'b'.repeat(40) }).changes.map((each) => each.action),
  ).toEqual(Array(6).fill('delete'));
});

test('the share of deletions counts from five objects on, the number always', () => {
  const four = inventoryOf(...Array.from({ length: 4 }, (_, index) => idOfKind('ConfigMap', `c${index}`)));
  expect(planLeaving(four).changes.map((each) => each.action)).toEqual(Array(4).fill('delete'));
  const prune = { ...POLICY.prune, maxDeletions: 3 };
  expect(planLeaving(four, {}, { prune }).changes[0]).toMatchObject({
    action: 'blocked',
    reason: expect.stringContaining('maxDeletions'),
  });
});

test('S-070 S-072 what is marked, or is not ours any more, is kept and says why', () => {
  const inventory = inventoryOf(idOfKind('ConfigMap', 'a'));
  expect(planLeaving(inventory, { pruneDisabled: true }).changes).toMatchObject([
    { action: 'skip', reason: expect.stringContaining('never to be pruned') },
  ]);
  expect(planLeaving(inventory, { owner: undefined }).changes).toMatchObject([{ action: 'skip', notOurs: true }]);
  expect(planLeaving(inventory, { owner: 'x/y' }).changes).toMatchObject([
    { action: 'skip', reason: expect.stringContaining('x/y') },
  ]);
  const prune = { ...POLICY.prune, never: ['ConfigMap'] };
  expect(planLeaving(inventory, {}, { prune }).changes).toMatchObject([
    { action: 'skip', reason: expect.stringContaining('never') },
  ]);
});

test('S-046 S-075 deleting what takes data with it has to be confirmed', () => {
  for (const kind of ['CustomResourceDefinition', 'PersistentVolumeClaim', 'StatefulSet', 'Namespace'])
    expect(planLeaving(inventoryOf(idOfKind(kind, 'a'))).changes[0]).toMatchObject({
      action: 'blocked',
      code: 'DeletionsBlocked',
    });
});

test('S-065 definitions and namespaces come first, our teams before objects, webhooks last; deletions go the other way', () => {
  const wanted = [
    wantedObject('ValidatingWebhookConfiguration', 'w', { apiVersion: 'admissionregistration.k8s.io/v1', namespace: '' }),
    wantedObject('Deployment', 'd', { apiVersion: 'apps/v1' }),
    wantedObject('ConfigMap', 'c'),
    wantedObject('Team', 't', { apiVersion: 'streamspace.io/v1alpha1', namespace: '' }),
    wantedObject('Namespace', 'n', { namespace: '' }),
  ];
  const dryRuns: DryRuns = {
    wanted: new Map(wanted.map((each) => [each.id, ABSENT])),
    leaving: new Map(),
  };
  const kinds = planChanges(wanted, dryRuns, EMPTY_INVENTORY, POLICY).changes.map(({ id }) => id.split('/')[1]);
  expect(kinds).toEqual(['Namespace', 'Team', 'ConfigMap', 'Deployment', 'ValidatingWebhookConfiguration']);
  const gone = planLeaving(inventoryOf(idOfKind('ConfigMap', 'c'), idOfKind('Deployment', 'd', { apiVersion: 'apps/v1' })));
  expect(gone.changes.map(({ id }) => id.split('/')[1])).toEqual(['Deployment', 'ConfigMap']);
});

test('a deletion carries a UID and never a manifest', () => {
  expectTypeOf<Extract<Change, { action: 'delete' }>>().not.toHaveProperty('wanted');
});

// A world of a few names: what Git wants, what is in the inventory and what is in the cluster, in any combination.
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const KINDS = ['ConfigMap', 'Service', 'Namespace', 'Secret'];
const someObjects = fc.uniqueArray(fc.record({ kind: fc.constantFrom(...KINDS), name: fc.constantFrom(...NAMES) }), {
  selector: ({ kind, name }) => `${kind}/${name}`,
  maxLength: 12,
});
const world = fc.record({ wanted: someObjects, owned: someObjects, confirmed: fc.boolean() });
const CONFIRMED = { revision: 'c'.repeat(40), confirmed: 'c'.repeat(40) };

interface World {
  readonly wanted: readonly { readonly kind: string; readonly name: string }[];
  readonly owned: readonly { readonly kind: string; readonly name: string }[];
  readonly confirmed: boolean;
}

function planWorld({ wanted, owned, confirmed }: World): {
  readonly plan: Plan;
  readonly objects: readonly Identified[];
  readonly inventory: Inventory;
} {
  const objects = wanted.map(({ kind, name }) => wantedObject(kind, name));
  const inventory = inventoryOf(...owned.map(({ kind, name }) => idOfKind(kind, name)));
  const dryRuns: DryRuns = {
    wanted: new Map(
      objects.map((each) => [
        each.id,
        inventory.has(each.id) ? accepted(liveObject(each, { data: 'old' }), liveObject(each)) : ABSENT,
      ]),
    ),
    leaving: new Map([...inventory.keys()].map((id) => [id, { uid: `uid-${id}`, owner: OWNER, pruneDisabled: false }])),
  };
  return { plan: planChanges(objects, dryRuns, inventory, confirmed ? { ...POLICY, ...CONFIRMED } : POLICY), objects, inventory };
}

test('a deletion is never of something that is not in the inventory, or that Git wants', () => {
  fc.assert(
    fc.property(world, (some) => {
      const { plan, objects, inventory } = planWorld(some);
      const wanted = new Set(objects.map(({ id }) => id));
      for (const { action, id } of plan.changes)
        if (action === 'delete') {
          expect(inventory.has(id)).toBe(true);
          expect(wanted.has(id)).toBe(false);
        }
    }),
  );
});

test('the inventory during a sync covers what was there and what will be, and afterwards exactly what is', () => {
  fc.assert(
    fc.property(world, (some) => {
      const { plan, objects, inventory } = planWorld({ ...some, confirmed: true });
      const during = inventoryDuring(inventory, plan);
      for (const id of [...inventory.keys(), ...objects.map((each) => each.id)]) expect(during.has(id)).toBe(true);
      const gone = new Set(plan.changes.flatMap(({ action, id }) => (action === 'delete' ? [id] : [])));
      const after = inventoryAfter(during, gone);
      expect(new Set(after.keys())).toEqual(new Set(objects.map(({ id }) => id)));
    }),
  );
});

test('the plan after an apply is empty', () => {
  fc.assert(
    fc.property(world, (some) => {
      const { plan, objects, inventory } = planWorld({ ...some, confirmed: true });
      const gone = new Set(plan.changes.flatMap(({ action, id }) => (action === 'delete' ? [id] : [])));
      const after = inventoryAfter(inventoryDuring(inventory, plan), gone);
      const applied: DryRuns = {
        wanted: new Map(objects.map((each) => [each.id, accepted(liveObject(each), liveObject(each))])),
        leaving: new Map(),
      };
      expect(hasChanges(planChanges(objects, applied, after, POLICY))).toBe(false);
    }),
  );
});

test('the order does not depend on the order of files, and is total', () => {
  fc.assert(
    fc.property(world, fc.func(fc.integer()), (some, shuffle) => {
      const { plan } = planWorld(some);
      const shuffled = planWorld({
        ...some,
        wanted: some.wanted.toSorted((a, b) => shuffle(a) - shuffle(b)),
        owned: some.owned.toReversed(),
      });
      expect(shuffled.plan.changes.map(({ id }) => id)).toEqual(plan.changes.map(({ id }) => id));
      for (const [index, { id }] of plan.changes.entries())
        for (const other of plan.changes.slice(index + 1)) expect(compareIds(id, other.id)).not.toBe(0);
    }),
  );
});
