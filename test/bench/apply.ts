// 1,000 ConfigMaps: `kubectl apply --server-side` beside a GitSync of the same, in the same run.
import { cloneAs } from '../support/clone.ts';
import { kubectl, kubectlJson } from '../support/kubectl.ts';
import type { Servers } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { type Measurement, measurement } from './result.ts';

const COUNT = 1000;

const set = (prefix: string): string =>
  Array.from(
    { length: COUNT },
    (_, index) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${prefix}-${index}, namespace: streamspace, labels: {bench: ${prefix}}}\ndata: {index: "${index}"}\n`,
  ).join('---\n');

interface GitSyncJson {
  readonly status?: { readonly revision?: string };
}

export async function applySuite(servers: Servers): Promise<readonly Measurement[]> {
  const kubectlSet = set('bench-kubectl');
  const kubectlAt = performance.now();
  await kubectl(servers, ['apply', '--server-side', '-f', '-'], kubectlSet);
  const kubectlTook = performance.now() - kubectlAt;
  const againAt = performance.now();
  await kubectl(servers, ['apply', '--server-side', '-f', '-'], kubectlSet);
  const kubectlAgain = performance.now() - againAt;
  await kubectl(servers, ['delete', 'configmap', '-n', 'streamspace', '-l', 'bench=bench-kubectl', '--wait=false']);

  await using clone = await cloneAs(servers, 'lead');
  const synced = async (revision: string): Promise<number> => {
    const startedAt = performance.now();
    await eventually(
      'the revision is synced',
      async () =>
        (await kubectlJson<GitSyncJson>(servers, ['get', 'gitsync', 'platform', '-n', 'streamspace'])).status?.revision ===
        revision,
      {
        timeoutMs: 180_000,
        everyMs: 100,
      },
    );
    return performance.now() - startedAt;
  };
  const syncTook = await synced(await clone.push('A thousand', { 'bench.yaml': set('bench-gitsync') }));
  const oneMore = `${set('bench-gitsync')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: bench-one-more, namespace: streamspace}\n`;
  const changeTook = await synced(await clone.push('One more', { 'bench.yaml': oneMore }));
  const revision = await clone.push('End of the benchmark', { 'bench.yaml': null });
  await kubectl(servers, [
    'annotate',
    'gitsync',
    'platform',
    '-n',
    'streamspace',
    '--overwrite',
    `streamspace.io/confirm-deletions=${revision}`,
  ]);
  const pruneTook = await synced(revision);
  return [
    measurement('apply', `${COUNT} new ConfigMaps: push to synced (planned, applied, healthy)`, syncTook / 1000, 's', {
      name: 'kubectl apply --server-side',
      value: kubectlTook / 1000,
    }),
    measurement('apply', `one change beside ${COUNT} unchanged: push to synced`, changeTook / 1000, 's', {
      name: 'kubectl apply --server-side again',
      value: kubectlAgain / 1000,
    }),
    measurement('apply', `prune of ${COUNT + 1}: push to synced`, pruneTook / 1000, 's'),
  ];
}
