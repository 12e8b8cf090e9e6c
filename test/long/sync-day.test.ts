// A day of a busy repository, one minute after another without the waiting: whether anything of the controller grows.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { GitSync, GitSyncSpec } from '../../schemas/kinds/git-sync/git-sync.ts';
import { partOf } from '../support/parts.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const MINUTES = 24 * 60;
const EVERY = 10;
const OBJECTS = 50;

const configMap = (name: string, value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });
const APP = (value: string): string => `import { App, Chart, ApiObject } from 'cdk8s';
const app = new App();
new ApiObject(new Chart(app, 'day'), 'map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'from-app' }, data: { value: '${value}' } });
app.synth();
`;

/** What the minute's commit brings: ten of fifty objects come, ten go; now and then other kinds of sources, now and then a mistake. */
function commitOf(minute: number): Record<string, string | null> {
  const files: Record<string, string | null> = {};
  for (let index = 0; index < OBJECTS; index += 1) {
    const there = (index + minute) % OBJECTS < OBJECTS - 10;
    files[`sync/c${index}.yaml`] = there ? configMap(`c${index}`, index % 5 === minute % 5 ? `minute ${minute}` : 'same') : null;
  }
  files['sync/broken.yaml'] = minute % 7 === 3 ? 'kind: [' : null;
  if (minute % 5 === 0) files['kustomize/base.yaml'] = configMap('k', `minute ${minute}`);
  if (minute === 0) files['hourly/extra.yaml'] = configMap('extra', 'comes and goes');
  if (minute === 0) files['kustomize/kustomization.yaml'] = 'resources: [base.yaml]\nnamePrefix: day-\n';
  if (minute % 20 === 0) files['app/main.ts'] = APP(`minute ${minute}`);
  return files;
}

interface Sample {
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly descriptors: number;
  readonly sockets: number;
  readonly children: number;
  readonly files: number;
}

async function filesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

async function sampler(): Promise<() => Promise<Sample>> {
  const { pid, restarts } = await partOf(servers, 'controller');
  expect(pid).toBeDefined();
  return async () => {
    expect(await partOf(servers, 'controller')).toMatchObject({ pid, restarts });
    const metrics = await (await fetch(`${servers.controller.url}/metrics`)).text();
    const metric = (name: string): number =>
      Number(new RegExp(`^streamspace_${name}(?:\\{.*\\})? (.*)$`, 'm').exec(metrics)?.[1]);
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const open = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
    return {
      heapMiB: metric('nodejs_heap_size_used_bytes') / 1024 ** 2,
      rssMiB: metric('process_resident_memory_bytes') / 1024 ** 2,
      descriptors: descriptors.length,
      sockets: open.filter((target) => target.startsWith('socket:')).length,
      children: children === '' ? 0 : children.split(' ').length,
      files: await filesBelow(join(servers.stateDir, 'controller')),
    };
  };
}

async function minuteOf(world: World, minute: number): Promise<void> {
  const files = commitOf(minute);
  const sha = await world.push(files);
  if (files['sync/broken.yaml'] === null)
    await world.until(`minute ${minute} is applied`, ({ revision }) => revision === sha, 60_000);
  else
    await world.until(
      `minute ${minute} is refused`,
      ({ attempted, conditions }) => attempted === sha && conditions?.[0]?.status === 'False',
      60_000,
    );
  // While the head is broken nothing is written, not even what drifted.
  if (minute % 3 === 1 && files['sync/broken.yaml'] === null) await healed(world, minute);
  if (minute % 10 === 9) for (let hint = 0; hint < 5; hint += 1) await world.hint();
  if (minute % 60 === 30) await comesAndGoes(world, `hour-${minute}`);
}

/** When each was last changed by somebody else. */
const drifted = new Map<string, number>();

/** The one that was left alone for longest: the same field again and again within a minute is a fight, and damped. */
async function healed(world: World, minute: number): Promise<void> {
  const there = Object.entries(commitOf(minute)).flatMap(([file, text]) =>
    text === null ? [] : (/^sync\/(c\d+)/.exec(file)?.slice(1) ?? []),
  );
  const [map = ''] = there.toSorted((a, b) => (drifted.get(a) ?? -1) - (drifted.get(b) ?? -1));
  drifted.set(map, minute);
  await world.client.mergePatch(RESOURCES.configMaps, world.namespace, map, { data: { value: 'drifted' } });
  await eventually(`${map} is put back in minute ${minute}`, async () => {
    const now = await world.read<{ data: Record<string, string> }>('configmap', map);
    return now !== undefined && now.data['value'] !== 'drifted';
  });
}

const gitSync = (world: World, name: string, spec: Partial<GitSyncSpec>): string =>
  JSON.stringify({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'GitSync',
    metadata: { name, namespace: world.namespace },
    spec: { url: world.repository.url, interval: '10m', ...spec },
  });

async function comesAndGoes(world: World, name: string): Promise<void> {
  await world.client.create(RESOURCES.gitSyncs, world.namespace, gitSync(world, name, { path: 'hourly' }));
  const find = () => world.client.find<GitSync>(RESOURCES.gitSyncs, world.namespace, name);
  await eventually(`${name} was looked at`, async () => ((await find())?.status?.conditions ?? []).length > 0);
  await world.client.delete(RESOURCES.gitSyncs, world.namespace, name);
  await eventually(`${name} is gone`, async () => (await find()) === undefined);
}

const least = (values: readonly number[]): number => Math.min(...values);
const most = (values: readonly number[]): number => Math.max(...values);

test('after a day of a commit a minute nothing of the controller has grown: memory, connections, children, files', async () => {
  const spec: Partial<GitSyncSpec> = { path: 'sync', prune: { enabled: true, maxDeletionPercent: 100, never: [] } };
  await using world = await freshWorld(servers, { spec });
  const sample = await sampler();
  await world.push(commitOf(0));
  await world.client.create(
    RESOURCES.gitSyncs,
    world.namespace,
    gitSync(world, 'kustomize', { path: 'kustomize', deletionPolicy: 'Orphan' }),
  );
  await world.client.create(
    RESOURCES.gitSyncs,
    world.namespace,
    gitSync(world, 'app', { path: 'app', deletionPolicy: 'Orphan' }),
  );

  const samples: Sample[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    await minuteOf(world, minute);
    if (minute % EVERY === 0) samples.push(await sample());
    if (minute % 60 === 0) process.stdout.write(`hour ${minute / 60}: ${JSON.stringify(samples.at(-1))}\n`);
  }

  const quarter = samples.length / 4;
  const second = samples.slice(quarter, 2 * quarter);
  const last = samples.slice(3 * quarter);
  const pick = (key: keyof Sample, from: readonly Sample[]): readonly number[] => from.map((each) => each[key]);
  process.stdout.write(`second quarter, least: ${JSON.stringify(extreme(second, least))}\n`);
  process.stdout.write(`last quarter, least: ${JSON.stringify(extreme(last, least))}\n`);
  // What is left after a collection is what counts of memory, so the least; of the others the most.
  for (const key of ['heapMiB', 'rssMiB'] as const)
    expect(least(pick(key, last)), key).toBeLessThan(1.1 * least(pick(key, second)) + 8);
  for (const key of ['descriptors', 'sockets', 'children', 'files'] as const)
    expect(most(pick(key, last)), key).toBeLessThanOrEqual(most(pick(key, second)) + 5);
}, 3_600_000);

function extreme(from: readonly Sample[], choose: (values: readonly number[]) => number): Record<string, number> {
  const [first] = from;
  return Object.fromEntries(
    Object.keys(first ?? {}).map((key) => [key, Math.round(choose(from.map((each) => each[key as keyof Sample])))]),
  );
}
