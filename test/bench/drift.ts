// Self-heal: somebody changes a label that Git owns, and it is put back. One object each, or it would be a fight.
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { Servers } from '../support/servers.ts';
import { seen } from '../support/watched.ts';
import { freshWorld } from '../support/world.ts';
import { configMaps } from './manifests.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const COUNT = 100;
const ROUNDS = 40;

export async function driftSuite(servers: Servers): Promise<readonly Measurement[]> {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await using world = await freshWorld(servers);
  const { namespace } = world;
  await world.apply({ 'all.yaml': configMaps('heal', namespace, COUNT) });
  const healed: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `heal-${round}`;
    const object = { resource: RESOURCES.configMaps, namespace, name };
    await client.mergePatch(RESOURCES.configMaps, namespace, name, { metadata: { labels: { bench: 'drift' } } });
    const driftedAt = performance.now();
    const back = await seen<KubeObjectJson>(client, object, ({ metadata }) => metadata.labels?.['bench'] === 'heal');
    healed.push(back.at - driftedAt);
  }
  return [
    measurement('drift', `a label of one of ${COUNT}: put back, p50 of ${ROUNDS}`, quantile(healed, 0.5) / 1000, 's'),
    measurement('drift', `a label of one of ${COUNT}: put back, p95 of ${ROUNDS}`, quantile(healed, 0.95) / 1000, 's'),
  ];
}
