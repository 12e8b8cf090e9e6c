import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObjectId } from '../render/manifest.ts';
import type { Identified } from '../validate/validate.ts';
import { liveObject, OWNER, POLICY, wantedObject } from './fixtures.ts';
import type { DryRuns, PlanPolicy } from './input.ts';
import { type Inventory, inventoryAfter, inventoryDuring } from './inventory.ts';
import { planChanges } from './plan-changes.ts';
import { keptForUnit } from './units.ts';

const of = (unit: string | undefined, name: string): Identified => {
  const wanted = wantedObject('ConfigMap', name);
  return unit === undefined ? wanted : { ...wanted, manifest: { ...wanted.manifest, unit } };
};

function inventoryOf(...objects: readonly Identified[]): Inventory {
  const entries = objects.map(
    ({ id, manifest: { unit } }) => [id, { id, version: 'v1', ...(unit === undefined ? {} : { unit }) }] as const,
  );
  return new Map(entries);
}

/** As if all of the inventory were in the cluster, and the set were there too as it is wanted. */
function dryRuns(wanted: readonly Identified[], inventory: Inventory): DryRuns {
  return {
    wanted: new Map(
      wanted.map((each) => [each.id, { outcome: 'accepted', result: liveObject(each), live: liveObject(each), conflicts: [] }]),
    ),
    leaving: new Map([...inventory.keys()].map((id) => [id, { uid: `uid-${id}`, owner: OWNER, pruneDisabled: false }])),
  };
}

const policyOf = (rendered: readonly string[], failed: readonly string[]): PlanPolicy => ({
  ...POLICY,
  prune: { ...POLICY.prune, maxDeletionPercent: 100 },
  units: { rendered: new Set(rendered), failed: new Map(failed.map((name) => [name, 'RenderFailed, main.ts:1: no good'])) },
});

test('S-088 what a failed unit has put there is kept with the reason; what left another unit is deleted', () => {
  const inventory = inventoryOf(of('bad', 'a'), of('good', 'b'), of('good', 'c'));
  const wanted = [of('good', 'c')];
  const { changes } = planChanges(wanted, dryRuns(wanted, inventory), inventory, policyOf(['good'], ['bad']));
  expect(changes.map(({ action, id, reason }) => `${action} ${id.split('/').at(-1)} ${reason ?? ''}`)).toEqual([
    'unchanged c ',
    'delete b no longer in Git',
    'skip a kept: unit bad could not be rendered: RenderFailed, main.ts:1: no good',
  ]);
});

test('while a unit fails, what no present unit is known for waits: entries of before, and of a unit that was renamed', () => {
  const units = policyOf(['good'], ['bad']).units;
  if (units === undefined) throw new Error('it has units');
  const reasonOf = (unit: string | undefined) =>
    keptForUnit(inventoryOf(of(unit, 'a')).values().next().value ?? { id: '' as ObjectId, version: '' }, units);
  expect(reasonOf(undefined)).toMatch(/may belong to unit bad/);
  expect(reasonOf('renamed')).toMatch(/may belong to unit bad/);
  expect(reasonOf('good')).toBeUndefined();
});

test('an object that moved to another unit stays, and the inventory knows its new unit', () => {
  const before = inventoryOf(of('one', 'a'));
  const wanted = [of('two', 'a')];
  const plan = planChanges(wanted, dryRuns(wanted, before), before, policyOf(['one', 'two'], []));
  expect(plan.changes.map(({ action }) => action)).toEqual(['unchanged']);
  expect([...inventoryDuring(before, plan).values()]).toMatchObject([{ unit: 'two' }]);
});

test('S-088 whatever fails, nothing of a failed unit is deleted or leaves the inventory, and the rest is as without units', () => {
  const unitNames = ['one', 'two', 'three'];
  const object = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    unit: fc.constantFrom(...unitNames),
    inGit: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.uniqueArray(object, { selector: ({ name }) => name }), fc.subarray(unitNames), (objects, failed) => {
      const inventory = inventoryOf(...objects.map(({ unit, name }) => of(unit, name)));
      const wanted = objects.filter(({ unit, inGit }) => inGit && !failed.includes(unit)).map(({ unit, name }) => of(unit, name));
      const rendered = unitNames.filter((name) => !failed.includes(name));
      const plan = planChanges(wanted, dryRuns(wanted, inventory), inventory, policyOf(rendered, failed));
      const deleted = new Set(
        plan.changes.filter(({ action }) => action === 'delete' || action === 'blocked').map(({ id }) => id),
      );
      const after = inventoryAfter(inventoryDuring(inventory, plan), deleted);
      for (const { unit, name, inGit } of objects) {
        const kept = after.has(of(unit, name).id);
        expect(kept).toBe(inGit || failed.includes(unit));
      }
    }),
  );
});
