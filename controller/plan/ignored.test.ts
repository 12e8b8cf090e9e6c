// Fields that are left to others, by what the API server keeps of them. The managed fields are a kube-apiserver's, version 1.36.
import { expect, test } from 'vitest';
import { fieldRule } from '../../schemas/kinds/field-rule.ts';
import { at, type JsonObject } from '../render/yaml/json.ts';
import { fieldsOf, parsePointer, withoutFields } from '../validate/fields.ts';
import { liveObject, POLICY, wantedObject } from './fixtures.ts';
import { asMade, giveUpFields, leavingFields } from './ignored.ts';
import { planChanges } from './plan-changes.ts';

const SPEC: JsonObject = {
  replicas: 3,
  template: {
    spec: {
      containers: [
        { name: 'app', image: 'one' },
        { name: 'side', image: 'two', args: ['x'] },
      ],
    },
  },
};
const deployment = wantedObject('Deployment', 'd', { apiVersion: 'apps/v1', fields: { spec: SPEC } });
const IMAGES = { kind: 'Deployment', fields: ['/spec/template/spec/containers/*/image', '/spec/replicas'] };

test('a pointer with * is every member of a list or mapping, and ~1 a slash', () => {
  const without = (pointer: string): JsonObject => withoutFields(deployment.manifest.object, [parsePointer(pointer)]);
  expect(at(without('/spec/template/spec/containers/*/image'), 'spec', 'template', 'spec', 'containers')).toEqual([
    { name: 'app' },
    { name: 'side', args: ['x'] },
  ]);
  expect(at(without('/spec/template/spec/containers/1'), 'spec', 'template', 'spec', 'containers')).toEqual([
    { name: 'app', image: 'one' },
  ]);
  const labels = { metadata: { labels: { 'a.example/b': 'x', c: 'y' } } };
  expect(withoutFields(labels, [parsePointer('/metadata/labels/a.example~1b')])).toEqual({ metadata: { labels: { c: 'y' } } });
  expect(without('/spec/nothing/here')).toEqual(deployment.manifest.object);
});

test('a rule holds for the objects that it names, and what it leaves out it does not ask', () => {
  const rule = (extra: object) => [{ fields: ['/spec/replicas'], ...extra }];
  expect(fieldsOf(rule({}), deployment.id)).toEqual([['spec', 'replicas']]);
  expect(fieldsOf(rule({ group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'd' }), deployment.id)).toHaveLength(1);
  for (const other of [{ group: '' }, { kind: 'StatefulSet' }, { namespace: 'x' }, { name: 'e' }])
    expect(fieldsOf(rule(other), deployment.id)).toEqual([]);
});

test.each(['/metadata', '/metadata/name', '/metadata/*', '/kind', '/*', '/*/x', 'spec', '/spec//x', '/spec/~2'])(
  'what identifies an object, and what is no pointer, is refused: %s',
  (field) => {
    expect(fieldRule.safeParse({ fields: [field] }).success).toBe(false);
  },
);

const OWNED: JsonObject = {
  'f:spec': {
    'f:replicas': {},
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"app"}': { '.': {}, 'f:image': {}, 'f:name': {} },
          'k:{"name":"side"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:args': {} },
        },
      },
    },
  },
};
const live = (fieldsV1: JsonObject, manager = 'streamspace-sync'): JsonObject => {
  const object = liveObject(deployment);
  const managedFields = [
    { manager, operation: 'Apply', fieldsV1 },
    { manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:status': {} } },
  ];
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), managedFields } };
};

test('S-054 what is left is given up: our claim goes, that of others stays', () => {
  const fields = fieldsOf([IMAGES], deployment.id);
  const given = giveUpFields(live(OWNED), fields);
  expect(given?.fields.toSorted()).toEqual([
    '/spec/replicas',
    '/spec/template/spec/containers/0/image',
    '/spec/template/spec/containers/1/image',
  ]);
  expect(given?.managedFields).toEqual([
    {
      manager: 'streamspace-sync',
      operation: 'Apply',
      fieldsV1: {
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': {
                'k:{"name":"app"}': { '.': {}, 'f:name': {} },
                'k:{"name":"side"}': { '.': {}, 'f:name': {}, 'f:args': {} },
              },
            },
          },
        },
      },
    },
    { manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:status': {} } },
  ]);
  expect(giveUpFields(live(OWNED, 'somebody'), fields)).toBeUndefined();
  expect(giveUpFields(live({ 'f:spec': { 'f:paused': {} } }), fields)).toBeUndefined();
});

test('a claim that has nothing left is taken away whole, since an empty one is to everything below', () => {
  const given = giveUpFields(live({ 'f:spec': { 'f:replicas': {} }, 'f:data': { 'f:k': {} } }), [['spec', 'replicas']]);
  expect(given?.managedFields[0]).toMatchObject({ fieldsV1: { 'f:data': { 'f:k': {} } } });
  expect(at(given?.managedFields[0], 'fieldsV1', 'f:spec')).toBeUndefined();
});

test('S-054 a field that is left is in no difference and not applied, but an object is made with it', () => {
  const left = leavingFields(deployment, [IMAGES]);
  expect(at(left.manifest.object, 'spec', 'replicas')).toBeUndefined();
  expect(asMade(left).manifest.object).toEqual(deployment.manifest.object);
  const plan = (was: JsonObject, managedFields: JsonObject) => {
    const scaled = { ...live(managedFields), spec: was };
    const result = { ...scaled, spec: { ...was, replicas: 1 } }; // as a dry-run takes the field away with our claim
    const dryRun = { outcome: 'accepted' as const, live: scaled, result, conflicts: [] };
    return planChanges([left], { wanted: new Map([[left.id, dryRun]]), leaving: new Map() }, new Map(), POLICY).changes[0];
  };
  const others = { ...SPEC, replicas: 7 };
  expect(plan(others, { 'f:spec': { 'f:paused': {} } })).toMatchObject({ action: 'unchanged' });
  expect(plan(others, OWNED)).toMatchObject({
    action: 'configure',
    differences: [],
    reason: expect.stringContaining('/spec/replicas'),
  });
});
