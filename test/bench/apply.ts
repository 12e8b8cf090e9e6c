// 1,000 ConfigMaps: `kubectl apply --server-side` beside a GitSync of the same, on the same control plane in the same run.
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { GitSync } from '../../schemas/kinds/git-sync.ts';
import { kubectl } from '../support/kubectl.ts';
import type { Servers } from '../support/servers.ts';
import { seen } from '../support/watched.ts';
import { freshWorld } from '../support/world.ts';
import { configMaps } from './manifests.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const COUNT = 1000;
const ROUNDS = 10;

type ConfigMap = KubeObjectJson & { readonly data?: Readonly<Record<string, string>> };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export async function applySuite(servers: Servers): Promise<readonly Measurement[]> {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await using world = await freshWorld(servers);
  const { namespace } = world;
  const sync = { resource: RESOURCES.gitSyncs, namespace, name: 'sync' };
  const configMap = (name: string) => ({ resource: RESOURCES.configMaps, namespace, name });
  /** From the end of the push until everything is applied, healthy, and told. */
  const synced = async (files: Readonly<Record<string, string | null>>): Promise<number> => {
    const revision = await world.commit(files);
    const startedAt = performance.now();
    await world.hint();
    return (await seen<GitSync>(client, sync, ({ status }) => status?.revision === revision)).at - startedAt;
  };
  await world.apply({ 'README.md': 'bench', 'first.yaml': configMaps('first', namespace, 1) });

  const peer = configMaps('kubectl', namespace, COUNT);
  const kubectlApply = (): Promise<number> => timed(() => kubectl(servers, ['apply', '--server-side', '-f', '-'], peer));
  const kubectlFirst = await kubectlApply();
  const first = await synced({ 'all.yaml': configMaps('git', namespace, COUNT) });
  const kubectlAgain = await kubectlApply();

  const writesBefore = (await world.writes()).length;
  const noops: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) noops.push(await synced({ 'README.md': `nothing that is applied, ${round}` }));
  const writes = (await world.writes()).slice(writesBefore).filter((write) => !write.includes('gitsyncs/'));

  const changes: number[] = [];
  const repairs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const to = `round-${round}`;
    const live = seen<ConfigMap>(client, configMap('git-500'), ({ data }) => data?.['index'] === to);
    await world.commit({ 'all.yaml': configMaps('git', namespace, COUNT, { index: 500, to }) });
    const pushedAt = performance.now();
    await world.hint();
    changes.push(Math.max(0, (await live).at - pushedAt));
    await seen<GitSync>(client, sync, ({ status }) => status?.conditions?.[0]?.status === 'True');
    // Another one each time: the same field again and again is a fight, and damped.
    const drifting = String(700 + round);
    await client.mergePatch(RESOURCES.configMaps, namespace, `git-${drifting}`, { data: { index: 'drift' } });
    const driftedAt = performance.now();
    const healed = seen<ConfigMap>(client, configMap(`git-${drifting}`), ({ data }) => data?.['index'] === drifting);
    repairs.push((await healed).at - driftedAt);
  }

  const revision = await world.push({ 'all.yaml': null });
  await world.kubectl(['annotate', 'gitsync', 'sync', '--overwrite', `streamspace.io/confirm-deletions=${revision}`]);
  const confirmedAt = performance.now();
  const pruned = (await seen<GitSync>(client, sync, ({ status }) => status?.revision === revision)).at - confirmedAt;

  const beside = { name: 'kubectl apply --server-side', value: kubectlFirst / 1000 };
  const again = { name: 'kubectl apply --server-side again', value: kubectlAgain / 1000 };
  return [
    measurement('apply', `${COUNT} new ConfigMaps: push to synced (planned, applied, healthy)`, first / 1000, 's', beside),
    measurement(
      'apply',
      `a commit that changes none of ${COUNT}: push to synced, p50 of ${ROUNDS}`,
      quantile(noops, 0.5) / 1000,
      's',
      again,
    ),
    measurement(
      'apply',
      `a commit that changes none of ${COUNT}: push to synced, p95 of ${ROUNDS}`,
      quantile(noops, 0.95) / 1000,
      's',
      again,
    ),
    measurement('apply', `writes of these ${ROUNDS} commits, the status aside`, writes.length, 'writes'),
    measurement('apply', `one of ${COUNT} changed: push to live, p50 of ${ROUNDS}`, quantile(changes, 0.5) / 1000, 's', again),
    measurement('apply', `one of ${COUNT} changed: push to live, p95 of ${ROUNDS}`, quantile(changes, 0.95) / 1000, 's', again),
    measurement('apply', `drift of one of ${COUNT}: healed, p50 of ${ROUNDS}`, quantile(repairs, 0.5) / 1000, 's'),
    measurement('apply', `drift of one of ${COUNT}: healed, p95 of ${ROUNDS}`, quantile(repairs, 0.95) / 1000, 's'),
    measurement('apply', `prune of ${COUNT}: confirmation to synced`, pruned / 1000, 's'),
  ];
}
