// What a plan refuses until somebody confirms exactly its revision, and what it says before.
import { expect, inject, test } from 'vitest';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const SUFFIX = Math.random().toString(36).slice(2, 8);
const GROUP = `guards-${SUFFIX}.example.com`;
const EVERYTHING = { prune: { enabled: true, maxDeletionPercent: 100, never: [] } };

const configMap = (name: string, annotations: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations } });

async function confirm(world: World, revision: string): Promise<void> {
  await world.kubectl(['annotate', 'gitsync', 'sync', `streamspace.io/confirm-deletions=${revision}`, '--overwrite']);
}

const blocked = async (world: World) =>
  await world.until('it is blocked', (now) => now.conditions?.[0]?.reason === 'DeletionsBlocked');

test('S-071 an object marked prune: confirm waits for its own revision, not for an older one', async () => {
  await using world = await freshWorld(servers, { spec: EVERYTHING });
  const first = await world.apply({
    'a.yaml': configMap('a', { 'streamspace.io/prune': 'confirm' }),
    'b.yaml': configMap('b'),
  });
  await confirm(world, first.revision ?? '');
  const sha = await world.push({ 'a.yaml': null });
  const status = await blocked(world);
  expect(status.problems).toMatchObject([{ code: 'DeletionsBlocked', object: expect.stringContaining('/ConfigMap/') }]);
  await world.sync();
  expect(await world.read('configmap', 'a')).toBeDefined();
  await confirm(world, sha);
  await world.until('it is confirmed', (now) => now.revision === sha);
  expect(await world.read('configmap', 'a')).toBeUndefined();
  expect(await world.read('configmap', 'b')).toBeDefined();
});

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.${GROUP}}
spec:
  group: ${GROUP}
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
const CRD_RULES = [{ apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['*'] }];

test('S-046 a definition that leaves Git says how many objects go with it, and waits', async () => {
  await using world = await freshWorld(servers, { clusterRules: CRD_RULES, spec: EVERYTHING });
  await world.apply({ 'd.yaml': DEFINITION, 'a.yaml': configMap('a') });
  const widget = (name: string): object => ({ apiVersion: `${GROUP}/v1`, kind: 'Widget', metadata: { name } });
  const items = ['one', 'two', 'three'].map(widget);
  await world.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const sha = await world.push({ 'd.yaml': null });
  const status = await blocked(world);
  expect(status.plan?.changes).toMatchObject([{ action: 'blocked', reason: expect.stringContaining('3 Widget objects') }]);
  expect(await world.kubectl(['get', `widgets.${GROUP}`, '-o', 'name'])).toContain('three');
  await confirm(world, sha);
  const done = await world.until('it is confirmed', (now) => now.revision === sha);
  expect(done.plan?.changes).toMatchObject([{ action: 'delete', reason: expect.stringContaining('3 Widget objects') }]);
});

const statefulSet = (name: string, serviceName: string, annotations: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, annotations },
    spec: {
      replicas: 0,
      serviceName,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
    },
  });

test('S-075 a StatefulSet under a new name is a create and a delete, and the delete waits for a confirmation', async () => {
  await using world = await freshWorld(servers, { spec: EVERYTHING });
  await world.apply({ 's.yaml': statefulSet('db-c8a1', 'db') });
  const sha = await world.push({ 's.yaml': statefulSet('db-c8b2', 'db') });
  const status = await blocked(world);
  expect(status.plan).toMatchObject({
    create: 1,
    blocked: 1,
    changes: [
      { action: 'create', object: expect.stringContaining('db-c8b2') },
      { action: 'blocked', object: expect.stringContaining('db-c8a1'), reason: expect.stringContaining('StatefulSet') },
    ],
  });
  expect(await world.read('statefulset', 'db-c8b2')).toBeUndefined();
  await confirm(world, sha);
  await world.until('it is confirmed', (now) => now.revision === sha);
  expect(await world.read('statefulset', 'db-c8a1')).toBeUndefined();
  expect(await world.read('statefulset', 'db-c8b2')).toBeDefined();
});

test('S-075 S-049 a StatefulSet that may be replaced is replaced only when that is confirmed', async () => {
  await using world = await freshWorld(servers);
  const replace = { 'streamspace.io/replace': 'true' };
  await world.apply({ 's.yaml': statefulSet('db', 'db', replace) });
  const before = await world.read('statefulset', 'db');
  const sha = await world.push({ 's.yaml': statefulSet('db', 'other', replace) });
  const status = await blocked(world);
  expect(status.problems).toMatchObject([{ file: 's.yaml', line: 1, message: expect.stringContaining('deleted first') }]);
  expect((await world.read('statefulset', 'db'))?.metadata.uid).toBe(before?.metadata.uid);
  await confirm(world, sha);
  await world.until('it is confirmed', (now) => now.revision === sha);
  expect((await world.read('statefulset', 'db'))?.metadata.uid).not.toBe(before?.metadata.uid);
});

const service = (clusterIP?: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { clusterIP, ports: [{ port: 80 }] } });
const deployment = (app: string): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
    },
  });

test('S-049 the immutable fields of a Service and a Deployment are named, and nothing is written', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 's.yaml': service(), 'd.yaml': deployment('one') });
  const given = await world.kubectl(['get', 'service', 's', '-o', 'jsonpath={.spec.clusterIP}']);
  const other = given.replace(/\d+$/, (last) => String((Number(last) + 100) % 250));
  await world.push({ 's.yaml': service(other), 'd.yaml': deployment('two') });
  const status = await world.until('the fields are named', (now) => now.conditions?.[0]?.reason === 'FieldImmutable');
  const told = status.problems?.map(({ code, message }) => `${code} ${message}`).toSorted();
  expect(told).toEqual([
    expect.stringMatching(/^FieldImmutable Deployment .*spec\.selector/),
    expect.stringMatching(/^FieldImmutable Service .*spec\.clusterIP/),
  ]);
  expect(await world.read('service', 's')).toMatchObject({ spec: { clusterIP: given } });
});
