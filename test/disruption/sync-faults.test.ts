// An API server that is busy, slow, in the way or gone: each answer is tried again or final, as its class says.
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { type ApiProxy, type Fault, type ProxiedRequest, startApiProxy } from '../support/api-proxy.ts';
import { type OwnSync, startOwnSync } from '../support/own-sync.ts';
import { freezePart } from '../support/parts.ts';
import { freshWorld, type World, type WorldOptions } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, data: object = { k: 'v' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const key = (world: World) => ({ namespace: world.namespace, name: 'sync' });

/** The controller of the installation stands still while this process syncs, and takes the worlds away in the end. */
let frozen: AsyncDisposable;
const worlds: World[] = [];
beforeAll(async () => {
  frozen = await freezePart(servers, 'controller');
});
afterAll(async () => {
  await frozen[Symbol.asyncDispose]();
  await Promise.all(worlds.map((world) => world[Symbol.asyncDispose]()));
});

async function proxied(options: WorldOptions = {}): Promise<{ world: World; proxy: ApiProxy; own: OwnSync }> {
  const world = await freshWorld(servers, options);
  worlds.push(world);
  const proxy = await startApiProxy(servers.kubeconfig);
  const own = await startOwnSync(proxy.kubeconfig);
  onTestFinished(async () => {
    await own[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  return { world, proxy, own };
}

const isApplyOf = (name: string, { method, url, writes }: ProxiedRequest): boolean =>
  writes && method === 'PATCH' && url.includes(`/configmaps/${name}?`);
const status = (code: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  status: code,
  headers,
  body: JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: `a fault of ${code}`,
    reason: 'Fault',
    code,
  }),
});

test.each<[string, Fault, number]>([
  ['409 of versions', status(409), 0],
  ['429 with Retry-After', status(429, { 'retry-after': '2' }), 2_000],
  ['429 with a Retry-After that is long', status(429, { 'retry-after': '7' }), 7_000],
  ['503 with Retry-After', status(503, { 'retry-after': '3' }), 3_000],
  ['503', status(503), 0],
  ['a connection that breaks before', 'reset', 0],
  ['a connection that breaks afterwards', 'reset-afterwards', 0],
])('S-062 %s on one apply is tried again, and not before its time', async (_what, fault, atLeastMs) => {
  const { world, proxy, own } = await proxied();
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  let faults = 0;
  proxy.fault = (request) => {
    if (!isApplyOf('b', request) || faults > 0) return undefined;
    faults += 1;
    return fault;
  };
  own.queue.add(key(world));
  // Events in between make nothing sooner.
  const nudge = setInterval(() => own.queue.add(key(world)), 500);
  onTestFinished(() => clearInterval(nudge));
  await world.until('it is applied', (now) => now.conditions?.[0]?.status === 'True');
  const [first, second] = proxy.requests.filter((request) => isApplyOf('b', request));
  expect(faults).toBe(1);
  // What was done although its answer was lost is not done again: the next plan finds it there.
  if (fault !== 'reset-afterwards') expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(atLeastMs);
  expect(proxy.requests.filter((request) => isApplyOf('a', request))).toHaveLength(1);
});

test('S-062 413 is final for its object, the others are applied, and it is not sent again', async () => {
  const { world, proxy, own } = await proxied();
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'c.yaml': configMap('c') });
  proxy.fault = ({ url }) => (url.includes('/configmaps/b?') ? status(413) : undefined);
  await own.reconcile(key(world));
  const before = proxy.requests.filter((request) => isApplyOf('b', request)).length;
  await own.reconcile(key(world));
  await own.reconcile(key(world));
  expect((await world.status()).problems).toMatchObject([{ code: 'ObjectTooLarge', file: 'b.yaml' }]);
  expect(await world.read('configmap', 'c')).toBeDefined();
  expect(proxy.requests.filter((request) => isApplyOf('b', request)).length - before).toBe(0);
  proxy.fault = () => undefined;
  await world.commit({ 'b.yaml': configMap('b', { k: 'smaller' }) });
  await own.reconcile(key(world)).catch(() => undefined);
  await world.kubectl(['annotate', 'gitsync', 'sync', 'streamspace.io/sync-requested-at=now']);
  await own.reconcile(key(world));
  expect((await world.status()).conditions?.[0]).toMatchObject({ status: 'True' });
});

test('S-062 fifty objects that fail at the apply do not become a storm of requests', async () => {
  const { world, proxy, own } = await proxied();
  const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
  await world.commit(Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])));
  proxy.fault = (request) => (names.some((name) => isApplyOf(name, request)) ? status(403) : undefined);
  own.queue.add(key(world));
  await world.until('it fails', (now) => now.conditions?.[0]?.reason === 'ApplyDenied');
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  const tries = new Map<string, number>();
  for (const { url } of proxy.requests.filter(({ at, writes, method }) => writes && method === 'PATCH' && at > from))
    tries.set(url, (tries.get(url) ?? 0) + 1);
  const most = (part: RegExp): number => Math.max(0, ...[...tries].flatMap(([url, count]) => (part.test(url) ? [count] : [])));
  // 0.75 s, doubled each time with jitter: at most four more in twelve seconds. A slow one says meanwhile how far it is.
  expect(most(/\/configmaps\/c\d/)).toBeLessThanOrEqual(5);
  expect(most(/./)).toBeLessThanOrEqual(15);
});

test('S-079 an object that is gone counts as deleted, and one that was made anew meanwhile is saved by its UID', async () => {
  const { world, proxy, own } = await proxied({ spec: { prune: { enabled: true, maxDeletionPercent: 100, never: [] } } });
  const files = { 'gone.yaml': configMap('gone'), 'anew.yaml': configMap('anew'), 'stays.yaml': configMap('stays') };
  await world.commit(files);
  await own.reconcile(key(world));
  await world.commit({ 'gone.yaml': null, 'anew.yaml': null });
  await world.kubectl(['annotate', 'gitsync', 'sync', 'streamspace.io/sync-requested-at=now']);
  const done = new Set<string>();
  proxy.fault = async ({ method, url }) => {
    const name = /\/configmaps\/(gone|anew)/.exec(url)?.[1];
    if (method !== 'DELETE' || name === undefined || done.has(name)) return undefined;
    done.add(name);
    await world.kubectl(['delete', 'configmap', name]);
    if (name === 'anew') await world.kubectl(['create', 'configmap', 'anew', '--from-literal=whose=somebody']);
    return undefined;
  };
  await own.reconcile(key(world));
  expect([...done].toSorted()).toEqual(['anew', 'gone']);
  expect(await world.status()).toMatchObject({ objects: 1, conditions: [{ status: 'True' }, {}] });
  expect(await world.read('configmap', 'anew')).toMatchObject({ data: { whose: 'somebody' } });
  expect(await world.read('configmap', 'gone')).toBeUndefined();
});
