// The command knows units and Kustomize as the sync does.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { run, streamspace } from '../support/command.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const here = ['--state', servers.stateDir];
const configMap = (name: string, value = 'v'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {k: ${value}}\n`;
const FILES = {
  'base/kustomization.yaml': 'resources: [cm.yaml]\n',
  'base/cm.yaml': configMap('a'),
  'apps/over/kustomization.yaml': 'resources: [../../base]\nnamePrefix: x-\n',
  'apps/plain/b.yaml': configMap('b'),
};
const UNITS = ['--unit', 'over=apps/over', '--unit', 'plain=apps/plain'];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamspace-units-'));
  await put(folder, FILES);
  await run('git', ['init', '--quiet', folder]);
});
afterAll(async () => await rm(folder, { recursive: true }));

async function put(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
}

test('render prints a Kustomize folder with its base beside it, places relative to the folder', async () => {
  const { code, stdout, stderr } = await streamspace(['render', join(folder, 'apps/over')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe('---\n# ../../base/cm.yaml:1\napiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  name: x-a\n');
});

test('render prints all units in their order, and the first that is wrong with its place', async () => {
  const good = await streamspace(['render', folder, ...UNITS]);
  expect(good.stdout.match(/^# .*$/gm)).toEqual(['# base/cm.yaml:1', '# apps/plain/b.yaml:1']);
  const bad = await streamspace(['render', folder, ...UNITS, '--unit', 'gone=apps/gone']);
  expect(bad).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/GitPathNotFound.*apps\/gone/) });
  expect(await streamspace(['render', folder, '--unit', 'nonsense'])).toMatchObject({ code: 2 });
});

test('validate lists the mistakes of every unit, and the object that stands in two', async () => {
  await put(folder, {
    'apps/broken/a.yaml': 'a: [\n',
    'apps/remote/kustomization.yaml': 'resources:\n- github.com/org/repo\n',
    'apps/twice/b.yaml': configMap('b'),
  });
  const more = ['broken', 'remote', 'twice'].flatMap((name) => ['--unit', `${name}=apps/${name}`]);
  const { code, stdout } = await streamspace(['validate', folder, ...UNITS, ...more]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^apps\/broken\/a\.yaml:\d+: YamlInvalid: /m);
  expect(stdout).toMatch(/^apps\/remote\/kustomization\.yaml:2: RenderDenied: github\.com\/org\/repo: /m);
  expect(stdout).toMatch(/^apps\/twice\/b\.yaml:1: ManifestDuplicate: .*apps\/plain\/b\.yaml:1.*apps\/twice\/b\.yaml:1/m);
  expect(stdout).toMatch(/^3 mistakes$/m);
});

test('plan takes the units of the GitSync; one that is broken is told, and its objects are skipped', async () => {
  const units = ['over', 'plain'].map((name) => ({ name, path: `apps/${name}` }));
  await using world = await freshWorld(servers, { spec: { units } });
  await world.apply(FILES);
  const plan = async () =>
    await streamspace(['plan', world.repository.folder, '-n', world.namespace, '--detailed-exitcode', ...here]);
  expect(await plan()).toMatchObject({ code: 0, stdout: '2 unchanged\n' });
  await put(world.repository.folder, { 'base/cm.yaml': configMap('a', 'new') });
  expect(await plan()).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/~ configure ConfigMap .*\/x-a {2}base\/cm\.yaml:1/),
  });
  await put(world.repository.folder, { 'apps/over/kustomization.yaml': 'resources: [gone.yaml]\n' });
  const broken = await plan();
  expect(broken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/RenderFailed: unit over: apps\/over\/kustomization\.yaml:1: /),
  });
  expect(broken.stdout).toMatch(/· skip ConfigMap .*\/x-a\n {4}kept: unit over could not be rendered/);
});
