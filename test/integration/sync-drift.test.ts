// What others change: put back in moments, and damped where it is fought over.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v' } });

const dataOf = async (world: World, name: string): Promise<string | undefined> =>
  (await world.read<{ data: Record<string, string> }>('configmap', name))?.data['k'];

async function editAs(world: World, manager: string, name: string): Promise<void> {
  const patch = ['patch', 'configmap', name, '--type=merge', '-p', '{"data":{"k":"theirs"}}', `--field-manager=${manager}`];
  await world.kubectl(patch);
}

test('S-055 a field that two writers keep changing is told with both, and damped; another object is put back at once', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const back = (name: string) => async () => (await dataOf(world, name)) === 'v';
  for (let time = 0; time < 2; time += 1) {
    await editAs(world, 'autoscaler', 'a');
    await eventually('it is put back', back('a'), { timeoutMs: 15_000 });
  }
  await editAs(world, 'autoscaler', 'a');
  const status = await world.until(
    'the fight is told',
    (now) => now.conditions?.some(({ type, status: is }) => type === 'Fighting' && is === 'True') ?? false,
  );
  const fighting = status.conditions?.find(({ type }) => type === 'Fighting');
  expect(fighting).toMatchObject({
    reason: 'FieldFight',
    message: `ConfigMap ${world.namespace}/a: data.k is set by Git (streamspace-sync) and by autoscaler`,
  });
  expect(status.conditions?.find(({ type }) => type === 'Drifted')).toMatchObject({ status: 'True' });
  expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
  await eventually('the event is there', async () =>
    (await world.kubectl(['get', 'events', '-o', 'name', '--field-selector', 'reason=FieldFight'])).includes('event/'),
  );
  await editAs(world, 'somebody', 'b');
  await eventually('the other is put back', back('b'), { timeoutMs: 15_000 });
  expect(await dataOf(world, 'a')).toBe('theirs');
  // A new commit is no answer to anybody: it is applied at once, the object that is fought over included.
  await world.apply({ 'a.yaml': configMap('a').replace('"v"', '"new"') });
  expect(await dataOf(world, 'a')).toBe('new');
});

test('S-054 replicas that an autoscaler sets and Git leaves out are no drift and bring no write', async () => {
  await using world = await freshWorld(servers, { spec: { wait: false } });
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { nodeSelector: { none: 'such' }, containers: [{ name: 'c', image: 'i' }] },
      },
    },
  };
  await world.apply({ 'd.yaml': JSON.stringify(deployment) });
  const before = (await world.writes()).length;
  await world.kubectl(['scale', 'deployment', 'web', '--replicas=3']);
  const status = await world.sync();
  expect(status.conditions?.find(({ type }) => type === 'Drifted')).toMatchObject({ status: 'False' });
  expect(await world.read('deployment', 'web')).toMatchObject({ spec: { replicas: 3 } });
  const written = (await world.writes()).slice(before).filter((each) => each.includes('deployments/'));
  expect(written).toEqual(['patch deployments/web/scale']);
});
