// In which order: waves, dependencies, and the way back.
import { expect, inject, test } from 'vitest';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const WAVE = 'streamspace.io/wave';
const NEEDS = 'streamspace.io/depends-on';
const configMap = (name: string, annotations: Readonly<Record<string, string>> = {}, data: object = { k: 'v' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data });
/** A pod that nobody schedules: healthy once the test says so. */
const gatePod = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { schedulerName: 'nobody', containers: [{ name: 'c', image: 'none.example.com/none' }] },
  });
const heal = async (world: World, name: string): Promise<void> => {
  const status = JSON.stringify({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } });
  await world.kubectl(['patch', 'pod', name, '--subresource=status', '--type=merge', '-p', status]);
};
const service = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } });
const reasonIs =
  (reason: string) =>
  (now: { readonly conditions?: readonly { readonly reason: string }[] | undefined }): boolean =>
    now.conditions?.[0]?.reason === reason;
/** Of the kinds of this file, without what comes from the API server itself. */
const ours = (writes: readonly string[]): readonly string[] =>
  writes.filter((each) => /(configmaps|services|pods)\//.test(each) && !each.includes('inventory') && !each.includes('/status'));

test('a wave begins once everything of the waves before is healthy, whatever the kinds', async () => {
  await using world = await freshWorld(servers);
  const sha = await world.push({
    'late.yaml': configMap('late', { [WAVE]: '2' }),
    'gate.yaml': gatePod('gate'),
    'early.yaml': configMap('early', { [WAVE]: '-1' }),
    'beside.yaml': configMap('beside'),
  });
  await eventually('the gate is there', async () => (await world.read('pod', 'gate')) !== undefined);
  expect(await world.read('configmap', 'early')).toBeDefined();
  expect(await world.read('configmap', 'beside')).toBeDefined();
  expect(await world.read('configmap', 'late')).toBeUndefined();
  await heal(world, 'gate');
  await world.until('all is applied', (now) => now.revision === sha && now.conditions?.[0]?.status === 'True');
  expect(ours(await world.writes())).toEqual([
    'patch configmaps/early',
    'patch configmaps/beside',
    'patch pods/gate',
    'patch configmaps/late',
  ]);
});

test('what does not become healthy in time is named, holds back what depends on it, and nothing else', async () => {
  await using world = await freshWorld(servers, { spec: { timeout: '2s' } });
  await world.push({
    'gate.yaml': gatePod('gate'),
    'needy.yaml': configMap('needy', { [NEEDS]: `/Pod/${world.namespace}/gate` }),
    'needier.yaml': configMap('needier', { [NEEDS]: `/ConfigMap/${world.namespace}/needy` }),
    'free.yaml': configMap('free'),
    'later.yaml': configMap('later', { [WAVE]: '1' }),
  });
  const status = await world.until('the gate is named', reasonIs('HealthTimeout'));
  expect(status.problems?.map(({ code, object }) => `${code} ${object?.split('/').at(-1)}`)).toEqual([
    'HealthTimeout gate',
    'DependencyNotReady needy',
    'DependencyNotReady needier',
    'DependencyNotReady later',
  ]);
  expect(await world.read('configmap', 'free')).toBeDefined();
  expect(await world.read('configmap', 'needy')).toBeUndefined();
  await heal(world, 'gate');
  await world.until('it goes on by itself', (now) => now.conditions?.[0]?.status === 'True');
  expect(await world.read('configmap', 'later')).toBeDefined();
});

test('objects that depend on each other in a circle stop the sync before the first write, with the path', async () => {
  await using world = await freshWorld(servers);
  const needs = (name: string) => ({ [NEEDS]: `/ConfigMap/${world.namespace}/${name}` });
  await world.push({ 'a.yaml': configMap('a', needs('b')), 'b.yaml': configMap('b', needs('a')), 'c.yaml': configMap('c') });
  const status = await world.until('it is refused', reasonIs('ManifestOrderInvalid'));
  expect(status.problems?.[0]?.message).toMatch(/a \(a\.yaml:1\) -> .*b \(b\.yaml:1\) -> .*a \(a\.yaml:1\)/);
  expect(await world.read('configmap', 'c')).toBeUndefined();
});

test('S-080 pruning is the reverse of applying, and what is marked last goes once the rest is gone and healthy', async () => {
  await using world = await freshWorld(servers, {
    spec: { wait: false, prune: { enabled: true, maxDeletionPercent: 100, never: [] } },
  });
  const last = { 'streamspace.io/prune': 'last' };
  await world.apply({
    'keep.yaml': configMap('keep'),
    'base.yaml': configMap('base', { [WAVE]: '-1' }),
    'service.yaml': service('service'),
    'needy.yaml': configMap('needy', { [NEEDS]: `/Service/${world.namespace}/service` }),
    'top.yaml': configMap('top', { [WAVE]: '3', ...last }),
  });
  const before = await world.writes();
  await world.push({
    'base.yaml': null,
    'service.yaml': null,
    'needy.yaml': null,
    'top.yaml': null,
    'gate.yaml': gatePod('gate'),
  });
  const waiting = await world.until('the last one waits', reasonIs('DependencyNotReady'));
  expect(waiting.problems).toMatchObject([{ message: expect.stringMatching(/top: it goes last, and .*gate is not healthy/) }]);
  expect(waiting.objects).toBe(3);
  await heal(world, 'gate');
  await world.sync();
  const done = await world.until('the last one is gone', (now) => now.objects === 2 && now.conditions?.[0]?.status === 'True');
  expect(done.health).toBe('Healthy');
  expect(ours((await world.writes()).slice(before.length)).filter((each) => each.startsWith('delete'))).toEqual([
    'delete configmaps/needy',
    'delete services/service',
    'delete configmaps/base',
    'delete configmaps/top',
  ]);
});

test.each([
  ['kubectl', ['apply', '--server-side', '--field-manager=kubectl']],
  ['helm', ['create', '--field-manager=helm']],
  ['argocd-controller', ['apply', '--server-side', '--field-manager=argocd-controller']],
  ['kustomize-controller', ['apply', '--server-side', '--field-manager=kustomize-controller']],
  ['kubectl-client-side-apply', ['apply']],
  ['before-first-apply', ['create', '--field-manager=before-first-apply']],
])('S-052 an object that %s made is adopted: a field that leaves Git leaves the object', async (manager, command) => {
  await using world = await freshWorld(servers);
  const both = configMap('a', {}, { old: '1', k: 'v' });
  await world.kubectl([...command, '-f', '-'], both);
  await world.apply({ 'a.yaml': both });
  expect(await world.kubectl(['get', 'configmap', 'a', '-o', 'json', '--show-managed-fields'])).not.toContain(`"${manager}"`);
  await world.apply({ 'a.yaml': configMap('a') });
  expect((await world.read<{ data: object }>('configmap', 'a'))?.data).toEqual({ k: 'v' });
});
