// The report of what stands in nobody's Git.
import { expect, inject, test } from 'vitest';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

test('what nobody owns is counted and named, what is ignored or made by Kubernetes is not, and nothing is deleted', async () => {
  const ignore = [{ group: 'rbac.authorization.k8s.io' }, { kind: 'ConfigMap', name: 'cache-*' }];
  await using world = await freshWorld(servers, { spec: { orphans: { report: true, every: '1s', ignore } } });
  for (const name of ['stray', 'cache-1']) await world.kubectl(['create', 'configmap', name]);
  await world.kubectl(['create', 'secret', 'generic', 'forgotten']);
  await world.apply({ 'a.yaml': configMap('a') });
  const { orphans } = await world.until('the report is there', ({ orphans: told }) => told !== undefined);
  expect(orphans).toMatchObject({
    count: 2,
    sample: [`/ConfigMap/${world.namespace}/stray`, `/Secret/${world.namespace}/forgotten`],
  });
  expect(orphans?.incomplete).toBeUndefined();
  await world.kubectl(['delete', 'configmap', 'stray']);
  await world.until('it is looked again', ({ orphans: told }) => told?.count === 1);
  expect(await world.read('secret', 'forgotten')).toBeDefined();
  await world.patch({ spec: { orphans: { report: false } } });
  await world.until('the report is gone', ({ orphans: told }) => told === undefined);
});
