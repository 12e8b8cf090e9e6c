// What waits for a confirmation, and what a replacement may not do.
import { expect, test } from 'vitest';
import type { ObjectId } from '../render/manifest.ts';
import type { Identified } from '../validate/validate.ts';
import { idOfKind, liveObject, OWNER, POLICY, wantedObject } from './fixtures.ts';
import type { DryRun, Leaving, PlanPolicy } from './input.ts';
import type { Plan } from './plan.ts';
import { planChanges } from './plan-changes.ts';

const SHA = 'b'.repeat(40);

function planLeaving(id: ObjectId, leaving: Partial<Leaving>, policy: Partial<PlanPolicy> = {}): Plan {
  const live: Leaving = { uid: 'u', owner: OWNER, pruneDisabled: false, ...leaving };
  const dryRuns = { wanted: new Map(), leaving: new Map([[id, live]]) };
  return planChanges([], dryRuns, new Map([[id, { id, version: 'v1' }]]), { ...POLICY, revision: SHA, ...policy });
}

function planReplaced(wanted: readonly Identified[], policy: Partial<PlanPolicy> = {}): Plan {
  const refused = (each: Identified): DryRun => ({
    outcome: 'refused',
    code: 'FieldImmutable',
    message: 'spec.selector: field is immutable',
    live: liveObject(each),
    conflicts: [],
  });
  const dryRuns = { wanted: new Map(wanted.map((each) => [each.id, refused(each)])), leaving: new Map() };
  const inventory = new Map(wanted.map(({ id }) => [id, { id, version: 'v1' }]));
  return planChanges(wanted, dryRuns, inventory, { ...POLICY, revision: SHA, ...policy });
}

function replaceable(kind: string, name: string, annotations: Readonly<Record<string, string>> = {}): Identified {
  return wantedObject(kind, name, {
    apiVersion: kind === 'StatefulSet' ? 'apps/v1' : 'v1',
    annotations: { 'streamspace.io/replace': 'true', ...annotations },
  });
}

test('S-071 what is marked to be deleted only when confirmed waits for exactly this revision', () => {
  const id = idOfKind('ConfigMap', 'a');
  const waiting = { action: 'blocked', code: 'DeletionsBlocked', reason: expect.stringContaining('only when confirmed') };
  expect(planLeaving(id, { pruneConfirm: true }).changes).toMatchObject([waiting]);
  expect(planLeaving(id, { pruneConfirm: true }, { confirmed: 'a'.repeat(40) }).changes).toMatchObject([waiting]);
  expect(planLeaving(id, { pruneConfirm: true }, { confirmed: SHA }).changes).toMatchObject([{ action: 'delete' }]);
});

test('a confirmation counts for no plan that has no revision, as that of a folder', () => {
  const id = idOfKind('ConfigMap', 'a');
  expect(planLeaving(id, { pruneConfirm: true }, { revision: undefined, confirmed: undefined }).changes).toMatchObject([
    { action: 'blocked' },
  ]);
});

test.each([
  [3, '3 Thing objects'],
  [1, 'goes 1 Thing'],
  [0, 'no Thing lives'],
])('S-046 a definition says that %i objects go with it, before and after it is confirmed', (count, words) => {
  const id = idOfKind('CustomResourceDefinition', 'things.example.com', { namespace: '', apiVersion: 'apiextensions.k8s.io/v1' });
  const leaving = { instances: { kind: 'Thing', count } };
  const reason = expect.stringContaining(words);
  expect(planLeaving(id, leaving).changes).toMatchObject([{ action: 'blocked', reason }]);
  expect(planLeaving(id, leaving, { confirmed: SHA }).changes).toMatchObject([{ action: 'delete', reason }]);
});

test('S-075 a StatefulSet that is replaced is deleted first, so it waits for a confirmation too', () => {
  const set = replaceable('StatefulSet', 'db');
  expect(planReplaced([set]).changes).toMatchObject([
    { action: 'blocked', code: 'DeletionsBlocked', reason: expect.stringMatching(/spec\.selector.*StatefulSet/), position: {} },
  ]);
  expect(planReplaced([set], { confirmed: SHA }).changes).toMatchObject([{ action: 'replace' }]);
});

test('S-049 what is never deleted is not replaced either', () => {
  const kept = replaceable('Service', 'a', { 'streamspace.io/prune': 'disabled' });
  expect(planReplaced([kept]).changes).toMatchObject([
    { action: 'blocked', code: 'FieldImmutable', reason: expect.stringMatching(/spec\.selector.*disabled/) },
  ]);
  const prune = { ...POLICY.prune, never: ['Service'] };
  expect(planReplaced([replaceable('Service', 'a')], { prune }).changes).toMatchObject([
    { action: 'blocked', code: 'FieldImmutable', reason: expect.stringContaining('spec.prune.never') },
  ]);
  const confirm = replaceable('Service', 'a', { 'streamspace.io/prune': 'confirm' });
  expect(planReplaced([confirm]).changes).toMatchObject([{ action: 'blocked', code: 'DeletionsBlocked' }]);
});

test('what is replaced counts among the deletions', () => {
  const all = Array.from({ length: 6 }, (_, index) => replaceable('Service', `s${index}`));
  expect(planReplaced(all).changes.map(({ action }) => action)).toEqual(Array(6).fill('blocked'));
  expect(planReplaced(all, { confirmed: SHA }).changes.map(({ action }) => action)).toEqual(Array(6).fill('replace'));
});
