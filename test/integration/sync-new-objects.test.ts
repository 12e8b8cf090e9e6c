// Many new objects of a kind are asked about as creates before the first write; what that cannot tell is still told.
import { expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: value } });
const maps = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.yaml`, configMap(`m-${index}`, 'git')]));

test('one of many that is there already is planned as the change that it is', async () => {
  await using world = await freshWorld(servers, { spec: { conflicts: 'Overwrite' } });
  await world.client.create(RESOURCES.configMaps, world.namespace, configMap('m-3', 'somebody'), { fieldManager: 'somebody' });
  const { plan } = await world.apply(maps);
  expect(plan).toMatchObject({ create: 11, configure: 1 });
  expect(await world.read('configmap', 'm-3')).toMatchObject({ data: { k: 'git' } });
});

test('a conflict in one of many stops all before the first write', async () => {
  await using world = await freshWorld(servers, { spec: { conflicts: 'Block' } });
  await world.client.create(RESOURCES.configMaps, world.namespace, configMap('m-3', 'somebody'), { fieldManager: 'somebody' });
  await world.push(maps);
  await world.until('it is refused', ({ problems }) => problems?.[0]?.code === 'ApplyConflict');
  expect(await world.read('configmap', 'm-0')).toBeUndefined();
});

test('who may create and not apply is refused before the first write', async () => {
  await using world = await freshWorld(servers);
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch', 'create', 'delete'] }];
  await world.client.mergePatch(RESOURCES.roles, world.namespace, 'sync', { rules });
  await world.push(maps);
  const { problems } = await world.until('it is refused', (status) => status.problems?.[0]?.code === 'ApplyForbidden');
  expect(problems).toHaveLength(12);
  expect(await world.read('configmap', 'm-0')).toBeUndefined();
});
