// What leaves Git leaves the cluster, with the guards; and the end of a GitSync itself.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, annotations: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations } });

test('S-069 an object that leaves Git is deleted, others stay', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const status = await world.apply({ 'a.yaml': null });
  expect(await world.read('configmap', 'a')).toBeUndefined();
  expect(await world.read('configmap', 'b')).toBeDefined();
  expect(status).toMatchObject({ objects: 1, plan: { delete: 1 } });
});

test('S-070 S-072 what is marked never to be pruned, or has lost our mark, stays and says why', async () => {
  await using world = await freshWorld(servers);
  await world.apply({
    'a.yaml': configMap('a', { 'streamspace.io/prune': 'disabled' }),
    'b.yaml': configMap('b'),
    'c.yaml': configMap('c'),
  });
  await world.patch({ spec: { suspend: true } });
  await world.until('it is suspended', (now) => now.conditions?.[0]?.reason === 'Suspended');
  await world.kubectl(['annotate', 'configmap', 'b', 'streamspace.io/gitsync-']);
  await world.push({ 'a.yaml': null, 'b.yaml': null });
  await world.patch({ spec: { suspend: false } });
  const status = await world.until(
    'the commit is applied',
    (now) => (now.plan?.skip ?? 0) === 2 && now.conditions?.[0]?.status === 'True',
  );
  expect(status.plan?.changes.map(({ object, reason }) => `${object} ${reason}`).join('\n')).toMatch(
    /b kept: it has lost our owner mark\n.*a kept: it is marked never to be pruned/,
  );
  expect(await world.read('configmap', 'a')).toBeDefined();
  expect(await world.read('configmap', 'b')).toBeDefined();
});

test('S-007 S-071 a commit that deletes almost everything waits until exactly this revision is confirmed', async () => {
  await using world = await freshWorld(servers);
  const names = Array.from({ length: 10 }, (_, index) => `c${index}`);
  await world.apply(Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])));
  const sha = await world.push(Object.fromEntries(names.slice(1).map((name) => [`${name}.yaml`, null])));
  const blocked = await world.until('it is blocked', (now) => now.conditions?.[0]?.reason === 'DeletionsBlocked');
  expect(blocked.plan).toMatchObject({ blocked: 9, delete: 0 });
  await world.kubectl(['annotate', 'gitsync', 'sync', `streamspace.io/confirm-deletions=${'0'.repeat(40)}`]);
  await world.sync();
  expect(await world.read('configmap', 'c5')).toBeDefined();
  await world.kubectl(['annotate', 'gitsync', 'sync', `streamspace.io/confirm-deletions=${sha}`, '--overwrite']);
  await world.until('it is confirmed', (now) => now.revision === sha);
  expect(await world.read('configmap', 'c5')).toBeUndefined();
  expect(await world.read('configmap', 'c0')).toBeDefined();
});

// They wait half a minute each, in worlds of their own.
test.concurrent('S-077 a finalizer that blocks a deletion is named, the object stays in the inventory and is deleted later', async () => {
  await using world = await freshWorld(servers);
  const held = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","finalizers":["example.com/hold"]}}';
  await world.apply({ 'held.yaml': held, 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await world.push({ 'held.yaml': null, 'a.yaml': null }).then(async () => {
    await world.kubectl([
      'annotate',
      'gitsync',
      'sync',
      `streamspace.io/confirm-deletions=${await world.repository.git('rev-parse', 'HEAD')}`,
    ]);
  });
  const status = await world.until('the finalizer is named', (now) => now.conditions?.[0]?.reason === 'PruneIncomplete', 60_000);
  expect(status.problems?.[0]?.message).toContain('example.com/hold');
  expect(status.objects).toBe(2);
  expect(await world.read('configmap', 'a')).toBeUndefined();
  await world.kubectl(['patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  await world.until('it is gone', (now) => now.objects === 1 && now.conditions?.[0]?.status === 'True', 60_000);
}, 180_000);

test.concurrent.each(['Delete', 'WaitForTermination'] as const)(
  'S-081 what a finalizer holds is told to go, and the policy %s says whether the GitSync waits for it',
  async (deletionPolicy) => {
    await using world = await freshWorld(servers, { spec: { deletionPolicy } });
    await world.apply({
      'a.yaml': configMap('a'),
      'held.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","finalizers":["example.com/hold"]}}',
    });
    await world.kubectl(['delete', 'gitsync', 'sync', '--wait=false']);
    const gone = async () => (await world.read('gitsync', 'sync')) === undefined;
    if (deletionPolicy === 'Delete') await eventually('the GitSync is gone', gone, { timeoutMs: 60_000 });
    else {
      const status = await world.until('it waits', (now) => now.conditions?.[0]?.reason === 'PruneIncomplete', 60_000);
      expect(status.conditions?.[0]?.message).toContain('example.com/hold');
    }
    expect(await world.read('configmap', 'a')).toBeUndefined();
    expect(await world.read('configmap', 'held')).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await world.kubectl(['patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await eventually('the GitSync is gone', gone, { timeoutMs: 60_000 });
    await eventually('the object is gone', async () => (await world.read('configmap', 'held')) === undefined);
  },
  150_000,
);

test.each(['Delete', 'Orphan', 'WaitForTermination'] as const)(
  'S-081 a GitSync that is deleted with the policy %s',
  async (deletionPolicy) => {
    await using world = await freshWorld(servers, { spec: { deletionPolicy } });
    await world.apply({ 'a.yaml': configMap('a') });
    await world.kubectl(['delete', 'gitsync', 'sync', '--timeout=30s']);
    expect((await world.read('configmap', 'a')) !== undefined).toBe(deletionPolicy === 'Orphan');
    await eventually('the inventory is gone', async () => (await world.read('configmap', 'sync-inventory-0')) === undefined);
  },
);

test('an object of one GitSync is not taken by another', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  const second = {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'GitSync',
    metadata: { name: 'second', namespace: world.namespace },
    spec: { url: world.repository.url, interval: '10m', deletionPolicy: 'Orphan' },
  };
  await world.kubectl(['apply', '-f', '-'], JSON.stringify(second));
  const reason = ['get', 'gitsync', 'second', '-o', 'jsonpath={.status.conditions[0].reason}'];
  await eventually('the second is refused', async () => (await world.kubectl(reason)) === 'OwnedByAnother');
  await world.kubectl(['delete', 'gitsync', 'second']);
  expect(await world.read('configmap', 'a')).toBeDefined();
});
