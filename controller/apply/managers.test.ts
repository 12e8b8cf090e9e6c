import { expect, test } from 'vitest';
import type { JsonObject } from '../render/yaml/json.ts';
import { adoptedManagers, withoutManagers } from './managers.ts';

const entry = (manager: string, operation: string, fields: JsonObject, subresource?: string): JsonObject => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...(subresource === undefined ? {} : { subresource }),
});
const live = (...managedFields: JsonObject[]): JsonObject => ({ metadata: { managedFields } });
const OURS = entry('streamspace-sync', 'Apply', { 'f:data': { 'f:a': {} } });

test.each([
  ['kubectl-client-side-apply', 'Update'],
  ['before-first-apply', 'Update'],
  ['kubectl', 'Apply'],
  ['helm', 'Update'],
  ['argocd-controller', 'Apply'],
  ['kustomize-controller', 'Apply'],
])('S-052 what %s owns by %s is ours once the object is taken over', (manager, operation) => {
  const moved = adoptedManagers(live(OURS, entry(manager, operation, { 'f:data': { 'f:b': {} } })), { takeOver: true });
  expect(moved).toEqual([{ ...OURS, fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } }]);
});

test('S-053 later on only what client-side apply owns is moved; an editor, a controller and a status are never', () => {
  const others = [
    entry('kubectl-edit', 'Update', { 'f:data': { 'f:c': {} } }),
    entry('kube-controller-manager', 'Update', { 'f:spec': {} }),
    entry('kubectl', 'Update', { 'f:status': {} }, 'status'),
  ];
  expect(adoptedManagers(live(OURS, ...others), { takeOver: true })).toBeUndefined();
  const kubectl = entry('kubectl', 'Apply', { 'f:data': { 'f:d': {} } });
  expect(adoptedManagers(live(OURS, kubectl), { takeOver: false })).toBeUndefined();
  const clientSide = entry('kubectl-client-side-apply', 'Update', { 'f:data': { 'f:d': {} } });
  expect(adoptedManagers(live(OURS, clientSide, ...others), { takeOver: false })).toEqual([
    { ...OURS, fieldsV1: { 'f:data': { 'f:a': {}, 'f:d': {} } } },
    ...others,
  ]);
});

test('what nobody of ours has applied yet becomes one entry of ours', () => {
  const moved = adoptedManagers(live(entry('helm', 'Update', { 'f:data': {} })), { takeOver: true });
  expect(moved).toEqual([entry('streamspace-sync', 'Apply', { 'f:data': {} })]);
});

test('what is held of an object is all of it but its managed fields', () => {
  const object = { kind: 'ConfigMap', metadata: { name: 'a', uid: '1' }, data: { managedFields: 'x' } };
  expect(withoutManagers({ ...object, metadata: { ...object.metadata, managedFields: [OURS] } })).toEqual(object);
  expect(withoutManagers({ kind: 'Odd' })).toEqual({ kind: 'Odd' });
});
