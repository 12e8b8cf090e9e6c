// From the end of `git push` to the object in the cluster.
import { cloneAs } from '../support/clone.ts';
import { kubectl } from '../support/kubectl.ts';
import type { Servers } from '../support/servers.ts';
import { watchOne } from '../support/watch.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const ROUNDS = 10;

export async function syncSuite(servers: Servers): Promise<readonly Measurement[]> {
  await using clone = await cloneAs(servers, 'lead');
  const took: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const manifest = (name: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: streamspace}\ndata: {round: "${round}"}\n`;
    await using live = watchOne(servers, 'streamspace', `bench-sync-${round}`);
    await live.watching;
    await clone.push(`Round ${round}`, { 'bench.yaml': manifest(`bench-sync-${round}`) });
    const pushedAt = performance.now();
    took.push(Math.max(0, (await live.seenAt) - pushedAt));
    const appliedAt = performance.now();
    await kubectl(servers, ['apply', '--server-side', '-f', '-'], manifest(`bench-peer-${round}`));
    peer.push(performance.now() - appliedAt);
    await kubectl(servers, ['delete', 'configmap', `bench-peer-${round}`, '-n', 'streamspace']);
  }
  await clone.push('End of the benchmark', { 'bench.yaml': null });
  const beside = { name: 'kubectl apply --server-side of the same', value: quantile(peer, 0.5) / 1000 };
  return [
    measurement('sync', `commit pushed to object live, p50 of ${ROUNDS}`, quantile(took, 0.5) / 1000, 's', beside),
    measurement('sync', `commit pushed to object live, p95 of ${ROUNDS}`, quantile(took, 0.95) / 1000, 's', beside),
  ];
}
