// GitSyncs that wait for each other.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

test('S-097 a GitSync waits for those it depends on, says why, and goes on as soon as they are ready', async () => {
  await using world = await freshWorld(servers, { spec: { path: 'second' } });
  const first = (spec: object): string =>
    JSON.stringify({
      apiVersion: 'streamspace.io/v1alpha1',
      kind: 'GitSync',
      metadata: { name: 'first', namespace: world.namespace },
      spec: { url: world.repository.url, interval: '10m', path: 'first', deletionPolicy: 'Orphan', ...spec },
    });
  const reason = async (expected: string) =>
    await world.until(`the reason is ${expected}`, (now) => now.conditions?.[0]?.reason === expected);

  await world.patch({ spec: { dependsOn: [{ name: 'sync' }] } });
  await reason('DependencySelf');
  await world.patch({ spec: { dependsOn: [{ name: 'first' }] } });
  await reason('DependencyMissing');
  await world.kubectl(['apply', '-f', '-'], first({ dependsOn: [{ name: 'sync' }] }));
  await world.patch({ spec: { timeout: '4m' } });
  const cycle = await reason('DependencyCycle');
  const [a, b] = [`${world.namespace}/sync`, `${world.namespace}/first`];
  expect(cycle.conditions?.[0]?.message).toContain(`${a} -> ${b} -> ${a}`);

  await world.kubectl(['apply', '-f', '-'], first({ dependsOn: [] }));
  await world.patch({ spec: { timeout: '5m' } });
  await reason('DependencyNotReady');
  await world.push({ 'first/a.yaml': configMap('a'), 'second/b.yaml': configMap('b') });
  const begun = performance.now();
  await world.until('it is applied', (now) => now.conditions?.[0]?.status === 'True');
  // Looked at again every 30 s; being told is quicker.
  expect(performance.now() - begun).toBeLessThan(25_000);
  const order = (await world.writes()).filter((each) => /patch configmaps\/[ab]$/.test(each));
  expect(order).toEqual(['patch configmaps/a', 'patch configmaps/b']);
  await world.kubectl(['delete', 'gitsync', 'first']);
  await eventually('the first is gone', async () => (await world.read('gitsync', 'first')) === undefined);
});
