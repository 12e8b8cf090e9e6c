// The inventory as people read it.
import { expect, inject, test } from 'vitest';
import { streamspace } from '../support/command.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');

test('S-094 `streamspace inventory` lists what a GitSync has put into the cluster', async () => {
  await using world = await freshWorld(servers);
  const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  await world.apply({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const command = ['inventory', 'sync', '-n', world.namespace, '--state', servers.stateDir];
  expect(await streamspace(command)).toMatchObject({
    code: 0,
    stdout: `v1 ConfigMap ${world.namespace}/a\nv1 ConfigMap ${world.namespace}/b\n`,
  });
  const { stdout } = await streamspace([...command, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    configMaps: 1,
    items: [{ kind: 'ConfigMap', name: 'a', version: 'v1' }, { name: 'b' }],
  });
  const unknown = await streamspace(['inventory', 'nowhere', '--state', servers.stateDir]);
  expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('NotFound') });
});
