import { expect, test } from 'vitest';
import { createKubeClient } from '../../../runtime/kube/client.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson, Reflector, ReflectorEvent, ReflectorOptions, Resource } from '../../../runtime/kube/types.ts';
import { createResourceMapper } from '../../../runtime/kube/watch/mapper.ts';
import { scriptedServer } from '../../../runtime/kube/watch/scripted-server.ts';
import { createLogger } from '../../../runtime/log/log.ts';
import { VerifiedObjects } from '../../apply/verified.ts';
import type { DriftPorts } from './kind-watch.ts';
import { DriftWatch } from './watch.ts';

const ANY = 'streamspace/a';
const object = (resourceVersion: string, owner: string | undefined = ANY, extra: object = {}): KubeObjectJson => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'c',
    namespace: 'demo',
    uid: 'u',
    resourceVersion,
    ...(owner === undefined ? {} : { annotations: { 'streamspace.io/gitsync': owner } }),
    ...extra,
  },
});

/** The watch on ConfigMaps, its events by hand. */
async function world() {
  const server = await scriptedServer((response) => void response.end('{"resources":[]}'));
  const client = createKubeClient({ kubeconfig: server.kubeconfig });
  const stop = new AbortController();
  const woken: string[] = [];
  const started: { options: ReflectorOptions<KubeObjectJson> }[] = [];
  const verified = new VerifiedObjects();
  const resources = new Map<string, Resource>([['ConfigMap', RESOURCES.configMaps]]);
  const ports: DriftPorts = {
    client,
    mapper: { ...createResourceMapper(client), resourceOf: async (_version, kind) => resources.get(kind) },
    verified,
    startReflector: (options): Reflector<KubeObjectJson> => {
      started.push({ options });
      const ended = new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve()));
      return { store: new Map(), synced: Promise.resolve(), resourceVersion: '1', ageMs: () => 7, ended };
    },
    enqueue: ({ namespace, name }) => woken.push(`${namespace}/${name}`),
    log: createLogger({ name: 'test', level: 'silent' }),
    signal: stop.signal,
  };
  const drift = new DriftWatch(ports);
  return {
    drift,
    verified,
    started,
    /** Gives whom it wakes. */
    tell: (event: ReflectorEvent<KubeObjectJson>) => {
      woken.length = 0;
      started.at(-1)?.options.onEvent(event);
      return [...woken];
    },
    watching: async () => {
      drift.setKinds(ANY, [{ apiVersion: 'v1', kind: 'ConfigMap' }]);
      await drift.settled();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await drift.ended();
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a change wakes the owner; the first list, a repetition and the echo of our own write do not', async () => {
  await using given = await world();
  await given.watching();
  expect(given.tell({ type: 'added', object: object('1') })).toEqual([]);
  expect(given.tell({ type: 'changed', object: object('1') })).toEqual([]);
  expect(given.tell({ type: 'changed', object: object('2') })).toEqual([ANY]);
  const ours = JSON.parse(JSON.stringify(object('3'))) as Parameters<VerifiedObjects['remember']>[3];
  given.verified.remember(ANY, '/ConfigMap/demo/c' as Parameters<VerifiedObjects['remember']>[1], '{}', ours);
  expect(given.tell({ type: 'changed', object: object('3') })).toEqual([]);
  expect(given.tell({ type: 'deleted', object: object('4') })).toEqual([ANY]);
});

test('S-072 whoever takes the mark away, or puts his own there, wakes the owner of before', async () => {
  await using given = await world();
  await given.watching();
  given.tell({ type: 'added', object: object('1') });
  expect(given.tell({ type: 'changed', object: object('2', 'streamspace/b') })).toEqual([ANY, 'streamspace/b']);
  given.tell({ type: 'changed', object: object('3') });
  // Without the label it leaves the watch, and the object that is told has no mark either.
  expect(given.tell({ type: 'deleted', object: object('4', undefined) })).toEqual([ANY]);
});

test('S-089 of an object the store keeps what tells that it is there, and nothing more', async () => {
  await using given = await world();
  await given.watching();
  const whole = object('1', ANY, { managedFields: [{}], labels: { a: 'b' } });
  expect(given.started[0]?.options.keep?.(whole)).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', namespace: 'demo', uid: 'u', resourceVersion: '1' },
  });
});

test('a kind that no inventory holds any more is neither watched nor remembered', async () => {
  await using given = await world();
  await given.watching();
  given.tell({ type: 'added', object: object('1') });
  expect(given.drift.ages()).toEqual([{ resource: 'configmaps', ageMs: 7 }]);
  given.drift.setKinds(ANY, []);
  await given.drift.settled();
  expect(given.started[0]?.options.signal.aborted).toBe(true);
  expect(given.drift.ages()).toEqual([]);
  await given.watching();
  // Known from before, it would be taken for a change.
  expect(given.tell({ type: 'added', object: object('2') })).toEqual([]);
});
