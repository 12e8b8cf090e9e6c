// Several units in one GitSync: each is rendered on its own, and one that is broken stands in nobody's way. What the whole
// controller renders is counted, so nothing else may be synced meanwhile.
import { expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { GitSync, GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
import { ANNOTATIONS } from '../../schemas/names.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, value = 'v'): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: value } });
const APP = (name: string): string => `import { ApiObject, App, Chart } from 'cdk8s';
const app = new App();
const chart = new Chart(app, 'c');
new ApiObject(chart, 'a', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '${name}' }, data: { k: 'v' } });
app.synth();
`;
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `u${index}`);
const unitsAt = (...units: readonly string[]) => units.map((name) => ({ name, path: `units/${name}` }));

function unitOf(status: GitSyncStatus, name: string) {
  return status.units?.find((each) => each.name === name);
}

/** How many units the controller has rendered since it started. */
async function renders(): Promise<number> {
  const text = await (await fetch(servers.controller.metricsUrl)).text();
  const counts = text.matchAll(/^streamspace_render_duration_seconds_count\{[^}]*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Ready is False because of this unit, at this commit. */
async function brokenAt(world: World, sha: string, name: string): Promise<GitSyncStatus> {
  return await world.until(
    `unit ${name} is told`,
    (now) => now.attempted === sha && now.conditions?.[0]?.status === 'False' && unitOf(now, name)?.problem !== undefined,
  );
}

/**
 * Once what a test before has left behind is done. One that froze the controller or its API server is followed by a controller
 * that takes up its work at a time of its own and renders everything anew: whatever else is synced is asked for now, and has
 * been rendered when that is answered.
 */
async function rendersAtRest({ client, namespace }: World): Promise<number> {
  const request = crypto.randomUUID();
  const others = async (): Promise<readonly GitSync[]> =>
    (await client.list<GitSync>(RESOURCES.gitSyncs, {})).items.filter((each) => each.metadata.namespace !== namespace);
  const patch = { metadata: { annotations: { [ANNOTATIONS.syncRequestedAt]: request } } };
  for (const { metadata } of await others())
    await client.mergePatch(RESOURCES.gitSyncs, metadata.namespace, metadata.name, patch, { fieldManager: 'test' });
  await eventually(
    'everything else was synced',
    async () => (await others()).every(({ status }) => status?.handledRequest === request),
    { timeoutMs: 60_000, everyMs: 500 },
  );
  let last = Number.NaN;
  const same = async (): Promise<{ readonly count: number } | false> => {
    const count = await renders();
    const still = count === last;
    last = count;
    return still && { count };
  };
  return (await eventually('nothing is rendered any more', same, { everyMs: 2_000 })).count;
}

test('S-025 a GitSync of 200 units, and a commit touches one path: one is rendered, all move to the new revision', async () => {
  const all = names(200);
  await using world = await freshWorld(servers, { spec: { units: unitsAt(...all) } });
  const before = await rendersAtRest(world);
  const first = await world.apply(Object.fromEntries(all.map((name) => [`units/${name}/a.yaml`, configMap(name)])));
  expect(await renders()).toBe(before + 200);
  expect(first).toMatchObject({ objects: 200, health: 'Healthy' });
  const written = (await world.writes()).length;
  const second = await world.apply({ 'units/u7/a.yaml': configMap('u7', 'new'), 'README.md': 'beside the units' });
  expect(await renders()).toBe(before + 201);
  expect(second.units).toHaveLength(200);
  expect(new Set(second.units?.map(({ revision, ready, objects }) => `${revision} ${ready} ${objects}`))).toEqual(
    new Set([`${second.revision} true 1`]),
  );
  expect((await world.writes()).slice(written).filter((each) => each.includes('configmaps/'))).toEqual(['patch configmaps/u7']);
});

test('S-088 a unit that throws at every render keeps its objects as they are, and the others are synced and pruned', async () => {
  await using world = await freshWorld(servers, { spec: { units: unitsAt('app', 'plain') } });
  const good = await world.apply({
    'units/app/main.ts': APP('from-app'),
    'units/plain/a.yaml': configMap('a'),
    'units/plain/b.yaml': configMap('b'),
  });
  expect(unitOf(good, 'app')).toMatchObject({ objects: 1, ready: true, revision: good.revision });

  const sha = await world.push({
    'units/app/main.ts': 'throw new Error("no good");\n',
    'units/plain/a.yaml': configMap('a', 'new'),
    'units/plain/b.yaml': null,
  });
  const status = await brokenAt(world, sha, 'app');
  expect(status.conditions?.[0]).toMatchObject({
    reason: 'RenderFailed',
    message: expect.stringMatching(/unit app: units\/app\/main\.ts:1: .*no good.*1 of 2 units/),
  });
  expect(unitOf(status, 'app')).toMatchObject({
    ready: false,
    objects: 1,
    revision: good.revision,
    problem: { code: 'RenderFailed', file: 'units/app/main.ts', line: 1 },
  });
  expect(unitOf(status, 'plain')).toMatchObject({ ready: true, objects: 1, revision: sha });
  expect(status.plan).toMatchObject({ configure: 1, delete: 1, skip: 1 });
  expect(status.plan?.changes).toContainEqual(
    expect.objectContaining({
      action: 'skip',
      object: expect.stringContaining('from-app'),
      reason: expect.stringMatching(/unit app could not be rendered.*no good/),
    }),
  );
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'new' } });
  expect(await world.read('configmap', 'b')).toBeUndefined();
  expect(await world.read('configmap', 'from-app')).toMatchObject({ data: { k: 'v' } });

  // It is tried again by itself, and tells nothing new by it.
  const before = await renders();
  const writes = (await world.writes()).length;
  await expect.poll(renders, { timeout: 60_000 }).toBeGreaterThan(before + 1);
  expect((await world.writes()).slice(writes)).toEqual([]);

  // The others go on at once meanwhile.
  await brokenAt(world, await world.push({ 'units/plain/a.yaml': configMap('a', 'newer') }), 'app');
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'newer' } });
  const mended = await world.apply({ 'units/app/main.ts': APP('from-app') });
  expect(unitOf(mended, 'app')).toMatchObject({ ready: true, revision: mended.revision });
  expect(mended.problems).toBeUndefined();
});

test('S-035 S-009 S-012 a file beyond the limit, a link and a missing folder are the mistake of their unit alone', async () => {
  await using world = await freshWorld(servers, { spec: { units: unitsAt('large', 'link', 'missing', 'plain') } });
  await world.repository.git('config', 'core.symlinks', 'true');
  const files = { 'units/large/a.yaml': `# ${'x'.repeat(10_000_001)}`, 'units/plain/a.yaml': configMap('a') };
  const link = `${world.repository.folder}/units/link`;
  const { mkdir, symlink } = await import('node:fs/promises');
  await mkdir(link, { recursive: true });
  await symlink('../plain/a.yaml', `${link}/a.yaml`);
  const status = await brokenAt(world, await world.push(files), 'large');
  expect(status.units?.map(({ name, ready, problem }) => [name, ready, problem?.code, problem?.file])).toEqual([
    ['large', false, 'FileTooLarge', 'units/large/a.yaml'],
    ['link', false, 'GitSymlink', 'units/link/a.yaml'],
    ['missing', false, 'GitPathNotFound', 'units/missing'],
    ['plain', true, undefined, undefined],
  ]);
  expect(unitOf(status, 'large')?.problem?.message).toContain('10000000');
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v' } });
});

test('S-040 the same object in two units is a mistake of both, with both places, and of no other', async () => {
  await using world = await freshWorld(servers, { spec: { units: unitsAt('one', 'two', 'three') } });
  await world.apply({
    'units/one/a.yaml': configMap('a'),
    'units/two/b.yaml': configMap('b'),
    'units/three/c.yaml': configMap('c'),
  });
  const sha = await world.push({ 'units/two/again.yaml': configMap('a', 'theirs'), 'units/three/c.yaml': configMap('c', 'new') });
  const status = await brokenAt(world, sha, 'one');
  expect(status.conditions?.[0]).toMatchObject({
    reason: 'ManifestDuplicate',
    message: expect.stringMatching(/units\/one\/a\.yaml:1.*units\/two\/again\.yaml:1/),
  });
  expect(status.units?.map(({ name, ready }) => [name, ready])).toEqual([
    ['one', false],
    ['two', false],
    ['three', true],
  ]);
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v' } });
  expect(await world.read('configmap', 'c')).toMatchObject({ data: { k: 'new' } });
});

test('an object that moves to another unit is not deleted, nor is one of a GitSync that gets units', async () => {
  await using world = await freshWorld(servers, { spec: { path: 'units' } });
  await world.apply({ 'units/one/a.yaml': configMap('a'), 'units/two/b.yaml': configMap('b') });
  const uid = async (name: string) => (await world.read('configmap', name))?.metadata.uid;
  const before = [await uid('a'), await uid('b')];
  await world.patch({ spec: { path: '.', units: unitsAt('one', 'two') } });
  await world.until('it has units', (now) => now.units?.every(({ ready, objects }) => ready && objects === 1) === true);
  const moved = await world.apply({
    'units/one/a.yaml': null,
    'units/one/k.yaml': configMap('k'),
    'units/two/a.yaml': configMap('a'),
  });
  expect(moved.plan).toMatchObject({ delete: 0 });
  expect(moved.units?.map(({ objects }) => objects)).toEqual([1, 2]);
  expect([await uid('a'), await uid('b')]).toEqual(before);
});

test('units have unique names, and leave no path beside them', async () => {
  await using world = await freshWorld(servers);
  await expect(world.patch({ spec: { units: [...unitsAt('one'), ...unitsAt('one')] } })).rejects.toThrow(/[Dd]uplicate/);
  await expect(world.patch({ spec: { path: 'x', units: unitsAt('one') } })).rejects.toThrow(/leave path out/);
  await expect(world.patch({ spec: { units: [] } })).rejects.toThrow(/at least 1/);
});
