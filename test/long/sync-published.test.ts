// Manifests that nobody here wrote: what Argo CD, cert-manager, Knative and others publish, 500 objects in sum.
import { afterAll, expect, inject, test } from 'vitest';
import type { GitSyncSpec } from '../../schemas/kinds/git-sync/git-sync.ts';
import { manifestsOf, PUBLISHED } from '../support/published.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
/** They bring ClusterRoles and webhooks, so their service account may do everything. */
const EVERYTHING = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];
/** Needs an image, or an address that no cloud gives here. */
const WORKLOAD = /Deployment|StatefulSet|DaemonSet|Job|Pod|Service |APIService|PodDisruptionBudget|HorizontalPodAutoscaler/;
let objects = 0;

test.each(PUBLISHED)(
  'S-086 $project is applied, nothing but its workloads is unhealthy, a second sync writes nothing, and it prunes to nothing',
  async (published) => {
    const manifests = await manifestsOf(published);
    const spec: Partial<GitSyncSpec> = {
      wait: false,
      renderer: 'Yaml',
      allowEmpty: true,
      prune: { enabled: true, maxDeletionPercent: 100, never: [] },
    };
    await using world = await freshWorld(servers, { spec, clusterRules: EVERYTHING });
    const revision = await world.push(manifests);
    const status = await world.until(`${published.project} is applied`, (now) => now.revision === revision, 180_000);
    objects += status.objects ?? 0;
    expect(status.plan).toMatchObject({ blocked: 0, skip: 0, create: status.objects });
    expect((status.problems ?? []).filter(({ object = '' }) => !WORKLOAD.test(object))).toEqual([]);

    const before = (await world.writes()).length;
    await world.sync();
    expect((await world.writes()).slice(before).filter((write) => !write.includes('gitsyncs/'))).toEqual([]);

    const empty = await world.push({
      ...Object.fromEntries(Object.keys(manifests).map((file) => [file, null])),
      'README.md': 'empty',
    });
    await world.kubectl(['annotate', 'gitsync', 'sync', '--overwrite', `streamspace.io/confirm-deletions=${empty}`]);
    const after = await world.until('everything is pruned', (now) => now.revision === empty, 180_000);
    expect(after.objects).toBe(0);
    const left = await world.kubectl([
      'get',
      'crd,clusterrole,clusterrolebinding,validatingwebhookconfiguration,mutatingwebhookconfiguration',
      '-l',
      `streamspace.io/gitsync=${world.namespace}.sync`,
      '-o',
      'name',
    ]);
    expect(left).toBe('');
  },
  400_000,
);

afterAll(() => {
  expect(objects).toBeGreaterThan(500);
});
