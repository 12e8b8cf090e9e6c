// A controller that ends in mid-sync, wherever that is: what it has put into the cluster is in the inventory, always.
import { gunzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { LABELS } from '../../schemas/names.ts';
import { type ApiProxy, startApiProxy } from '../support/api-proxy.ts';
import { startOwnSync } from '../support/own-sync.ts';
import { freezePart, killPart, partOf } from '../support/parts.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type KubeJson, type World } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });

interface Stored {
  readonly binaryData?: Readonly<Record<string, string>>;
}

async function inventory(world: World): Promise<ReadonlySet<string>> {
  const map = await world.read<KubeJson & Stored>('configmap', 'sync-inventory-0');
  const text = map?.binaryData?.['inventory.json.gz'];
  if (text === undefined) return new Set();
  const entries = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString('utf8')) as readonly { readonly id: string }[];
  return new Set(entries.map(({ id }) => id.split('/').at(-1) ?? ''));
}

/** What carries our mark in the cluster, with its value. */
async function present(world: World): Promise<ReadonlyMap<string, string>> {
  const ours = { namespace: world.namespace, labelSelector: LABELS.gitSync };
  const { items } = await world.client.list<KubeJson & { data: Record<string, string> }>(RESOURCES.configMaps, ours);
  return new Map(items.map(({ metadata, data }) => [metadata.name, data['value'] ?? '']));
}

async function expectCovered(world: World): Promise<ReadonlyMap<string, string>> {
  // The objects first: what is made after the look at the inventory must not count against it.
  const objects = await present(world);
  const listed = await inventory(world);
  expect([...objects.keys()].filter((name) => !listed.has(name))).toEqual([]);
  return objects;
}

/** From the k-th write about an object on, nothing comes through any more: as if the process had been killed there. */
function dieAt(proxy: ApiProxy, k: number, moment: 'reset' | 'reset-afterwards'): void {
  let writes = 0;
  let dead = false;
  proxy.fault = ({ writes: isWrite, url }) => {
    if (dead) return 'reset';
    if (!isWrite || !/\/configmaps\/c\d/.test(url)) return undefined;
    writes += 1;
    if (writes < k) return undefined;
    dead = true;
    return moment;
  };
}

test('S-082 killed at any of thirty objects, before or after the write, a restart converges and leaves no orphan', async () => {
  await using world = await freshWorld(servers, { spec: { prune: { enabled: true, maxDeletionPercent: 100, never: [] } } });
  const key = { namespace: world.namespace, name: 'sync' };
  {
    await using _frozen = await freezePart(servers, 'controller');
    await using proxy = await startApiProxy(servers.kubeconfig);
    /** Twenty of thirty objects: a third changes, a third comes and a third goes with each commit. */
    const wanted = (round: number): readonly string[] =>
      Array.from({ length: 20 }, (_, index) => `c${(round * 10 + index) % 30}`);
    const commit = async (round: number): Promise<void> => {
      const names = wanted(round);
      const files = Array.from({ length: 30 }, (_, index): [string, string | null] => {
        const name = `c${index}`;
        return [`${name}.yaml`, names.includes(name) ? configMap(name, `round ${round}`) : null];
      });
      await world.commit(Object.fromEntries(files));
    };
    for (let k = 1; k <= 30; k += 1) {
      await commit(k);
      dieAt(proxy, k, k % 2 === 0 ? 'reset' : 'reset-afterwards');
      {
        await using doomed = await startOwnSync(proxy.kubeconfig);
        await doomed.reconcile(key).catch(() => undefined);
      }
      proxy.fault = () => undefined;
      await expectCovered(world);
      await using restarted = await startOwnSync(proxy.kubeconfig);
      await restarted.reconcile(key);
      const objects = await expectCovered(world);
      const names = wanted(k).toSorted();
      expect([...objects.keys()].toSorted(), `killed at ${k}`).toEqual(names);
      expect(new Set(objects.values())).toEqual(new Set([`round ${k}`]));
      expect([...(await inventory(world))].toSorted()).toEqual(names);
    }
  }
}, 600_000);

const many = (value: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`${index}.yaml`, configMap(`c${index}`, value)]));

test('S-093 SIGTERM in mid-stage: the object in hand is finished, the process ends in time, the inventory has everything', async () => {
  await using world = await freshWorld(servers);
  const { pid } = await partOf(servers, 'controller');
  if (pid === undefined) throw new Error('the controller does not run');
  await world.push(many('one'));
  await eventually('some are there', async () => (await present(world)).size > 0, { timeoutMs: 60_000, everyMs: 20 });
  process.kill(pid, 'SIGTERM');
  const from = performance.now();
  await eventually('it has ended', async () => !isAlive(pid), { timeoutMs: 20_000, everyMs: 20 });
  expect(performance.now() - from).toBeLessThan(10_000);
  await expectCovered(world);
  await world.until('the next one finishes', (now) => now.conditions?.[0]?.status === 'True' && now.objects === 400, 120_000);
  expect((await expectCovered(world)).size).toBe(400);
}, 300_000);

test('S-082 SIGKILL to the real controller in mid-stage: the next one converges', async () => {
  await using world = await freshWorld(servers);
  await world.push(many('one'));
  await eventually('some are there', async () => (await present(world)).size > 0, { timeoutMs: 60_000, everyMs: 20 });
  await killPart(servers, 'controller');
  await expectCovered(world);
  await world.until('the next one finishes', (now) => now.conditions?.[0]?.status === 'True' && now.objects === 400, 120_000);
  expect((await expectCovered(world)).size).toBe(400);
}, 300_000);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
