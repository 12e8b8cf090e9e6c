// 1,000 ConfigMaps: `kubectl apply --server-side` beside a GitSync of the same, on the same control plane in the same run.
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import { kubectl } from '../support/kubectl.ts';
import type { Servers } from '../support/servers.ts';
import { seen } from '../support/watched.ts';
import { freshWorld, type World } from '../support/world.ts';
import { configMaps } from './manifests.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const COUNT = 1000;
const ROUNDS = 10;
/** Of the whole set, turn by turn with kubectl: the first of each finds a controller and an API server that are cold. */
const SETS = 5;

type ConfigMap = KubeObjectJson & { readonly data?: Readonly<Record<string, string>> };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** From the end of the push until everything is applied, healthy, and told. */
async function synced(client: OwnedKubeClient, world: World, files: Readonly<Record<string, string | null>>): Promise<number> {
  const sync = { resource: RESOURCES.gitSyncs, namespace: world.namespace, name: 'sync' };
  const revision = await world.commit(files);
  const startedAt = performance.now();
  await world.hint();
  return (await seen<GitSync>(client, sync, ({ status }) => status?.revision === revision)).at - startedAt;
}

interface Turn {
  readonly kubectl: number;
  readonly git: number;
}

/** The same set of new objects, once with kubectl and once with a GitSync. */
async function oneTurn(servers: Servers, client: OwnedKubeClient, world: World): Promise<Turn> {
  const { namespace } = world;
  await world.apply({ 'README.md': 'bench', 'first.yaml': configMaps('first', namespace, 1) });
  const set = configMaps('kubectl', namespace, COUNT);
  const byKubectl = await timed(() => kubectl(servers, ['apply', '--server-side', '-f', '-'], set));
  return { kubectl: byKubectl, git: await synced(client, world, { 'all.yaml': configMaps('git', namespace, COUNT) }) };
}

export async function applySuite(servers: Servers): Promise<readonly Measurement[]> {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const turns: Turn[] = [];
  // A namespace that is being deleted keeps the API server busy: none is before all is measured.
  await using worlds = new AsyncDisposableStack();
  for (let turn = 0; turn < SETS; turn += 1)
    turns.push(await oneTurn(servers, client, worlds.use(await freshWorld(servers, { spec: { deletionPolicy: 'Orphan' } }))));
  await using world = await freshWorld(servers);
  const { namespace } = world;
  const sync = { resource: RESOURCES.gitSyncs, namespace, name: 'sync' };
  const configMap = (name: string) => ({ resource: RESOURCES.configMaps, namespace, name });
  await world.apply({ 'README.md': 'bench', 'first.yaml': configMaps('first', namespace, 1) });

  const peer = configMaps('kubectl', namespace, COUNT);
  const kubectlApply = (): Promise<number> => timed(() => kubectl(servers, ['apply', '--server-side', '-f', '-'], peer));
  await kubectlApply();
  await synced(client, world, { 'all.yaml': configMaps('git', namespace, COUNT) });
  const kubectlAgain = await kubectlApply();

  const writesBefore = (await world.writes()).length;
  const noops: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    noops.push(await synced(client, world, { 'README.md': `nothing that is applied, ${round}` }));
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

  const [cold] = turns;
  const besideOf = (value: number) => ({ name: 'kubectl apply --server-side', value: value / 1000 });
  const median = (which: keyof Turn): number =>
    quantile(
      turns.map((turn) => turn[which]),
      0.5,
    );
  const again = { name: 'kubectl apply --server-side again', value: kubectlAgain / 1000 };
  return [
    measurement(
      'apply',
      `${COUNT} new ConfigMaps: push to synced (planned, applied, healthy), p50 of ${SETS}`,
      median('git') / 1000,
      's',
      besideOf(median('kubectl')),
    ),
    measurement(
      'apply',
      `${COUNT} new ConfigMaps: the first of them, all cold`,
      (cold?.git ?? 0) / 1000,
      's',
      besideOf(cold?.kubectl ?? 0),
    ),
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
