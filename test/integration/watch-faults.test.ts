// A watch between which and the API server something stands that fails: what was missed meanwhile is found by comparison.
import { expect, inject, onTestFinished, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, ReflectorEvent } from '../../runtime/kube/types.ts';
import { startReflector } from '../../runtime/kube/watch/reflector.ts';
import { type Fault, startApiProxy } from '../support/api-proxy.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v' } });
const gone = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 };
const answer = (status: number, body: object): Fault => ({ status, body: `${JSON.stringify(body)}\n` });

test.each<[string, Fault]>([
  ['answers 410', answer(410, gone)],
  ['sends an error frame', answer(200, { type: 'ERROR', object: gone })],
  ['answers 500', answer(500, { ...gone, code: 500, reason: 'InternalError' })],
  ['breaks', 'reset'],
  ['is half open', 'silence'],
])('S-089 a watch that %s is followed by a list, and what was deleted meanwhile is told', async (_what, fault) => {
  await using world = await freshWorld(servers);
  const proxy = await startApiProxy(servers.kubeconfig);
  const client = createKubeClient({ kubeconfig: proxy.kubeconfig });
  const stop = new AbortController();
  const events: ReflectorEvent<KubeObjectJson>[] = [];
  for (const name of ['stays', 'goes']) await world.client.create(RESOURCES.configMaps, world.namespace, configMap(name));
  const reflector = startReflector<KubeObjectJson>(
    {
      client,
      resource: RESOURCES.configMaps,
      namespace: world.namespace,
      metadataOnly: true,
      onEvent: (event) => void events.push(event),
      signal: stop.signal,
    },
    { watchSeconds: [2, 3], graceMs: 500, silenceMs: 1_000, backoff: { firstMs: 50, maxMs: 500 } },
  );
  onTestFinished(async () => {
    stop.abort();
    await reflector.ended;
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  await reflector.synced;
  let faults = 0;
  proxy.fault = ({ url }) => {
    if (!url.includes('watch=true')) return undefined;
    faults += 1;
    return fault;
  };
  await eventually('the watch has failed', async () => faults > 0);
  await world.client.delete(RESOURCES.configMaps, world.namespace, 'goes');
  await eventually('a watch stands again and the deletion is told', async () => {
    if (faults > 2) proxy.fault = () => undefined;
    return events.some((event) => event.type === 'deleted' && event.object.metadata.name === 'goes');
  });
  await world.client.create(RESOURCES.configMaps, world.namespace, configMap('comes'));
  await eventually('what comes later is told', async () => reflector.store.has(`${world.namespace}/comes`));
  expect(reflector.store.has(`${world.namespace}/stays`)).toBe(true);
  expect(reflector.store.has(`${world.namespace}/goes`)).toBe(false);
  expect(reflector.ageMs()).toBeLessThan(30_000);
});

test('S-089 the age of the oldest watch is a metric of the controller, by resource', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  const { controller } = servers;
  const text = await (await fetch(controller.metricsUrl)).text();
  const age = /^streamspace_watch_age_seconds\{[^}]*resource="configmaps"[^}]*\} ([\d.]+)$/m.exec(text)?.[1];
  expect(Number(age)).toBeLessThan(700);
});
