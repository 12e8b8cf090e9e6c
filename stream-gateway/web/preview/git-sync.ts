// Made-up objects, differences and history of a Git source.
import { syncRecord, treeNode } from '../test/objects.ts';

const COMMIT = { revision: '77aa10c4e5f60718293a4b5c6d7e8f9001122334', author: 'Dana Data', message: 'Give it two pods' };

/** @param rest what follows the name of the GitSync in the address */
export function gitSyncAnswer(method: string, rest: readonly string[], now: number): unknown {
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  if (method === 'POST') return { requestedAt: ago(0) };
  const objects = objectsAt(ago);
  const [what, group, kind, namespace, name, diff] = rest;
  if (what === 'tree') return { metadata: {}, revision: COMMIT.revision, childrenLeftOut: true, items: objects };
  if (what === 'history') return { metadata: {}, items: historyAt(ago) };
  const id = `${group === 'core' ? '' : group}/${kind}/${namespace === '-' ? '' : namespace}/${name}`;
  const node = objects.find(({ object }) => object === id);
  if (node === undefined) return undefined;
  if (diff === undefined) {
    const managers = [{ manager: 'kubectl-edit', operation: 'Update', subresource: null, time: ago(4) }];
    return { ...node, gitSync: 'streamspace/platform', url: '', applied: COMMIT.revision, managers };
  }
  const differences =
    node.health === 'Degraded'
      ? [
          { path: 'spec.replicas', wanted: 2, live: 1 },
          { path: 'spec.template.spec.containers[name=web].resources', wanted: { limits: { memory: '1Gi' } } },
        ]
      : [];
  const state = differences.length === 0 ? 'same' : 'different';
  return { object: id, state, differences, wanted: { spec: { replicas: 2 } }, live: { spec: { replicas: 1 } } };
}

function objectsAt(ago: (minutes: number) => string) {
  const many = Array.from({ length: 620 }, (_, index) =>
    treeNode(`/ConfigMap/team-data/settings-${String(index).padStart(3, '0')}`, { file: 'settings.yaml', line: index * 6 + 1 }),
  );
  return [
    treeNode('apps/Deployment/team-data/a-web-application-with-quite-a-long-name', {
      health: 'Degraded',
      message: '1 of 2 pods are ready: the image registry.example.org/web:2 cannot be pulled',
      file: 'apps/web-application/deployment.yaml',
      line: 12,
      commit: { ...COMMIT, time: ago(20) },
      changedAt: ago(12),
      children: [
        {
          kind: 'ReplicaSet',
          namespace: 'team-data',
          name: 'web-5d8f',
          health: 'Degraded',
          message: '',
          children: [
            { kind: 'Pod', namespace: 'team-data', name: 'web-5d8f-x2x', health: 'Healthy', message: '', children: [] },
            {
              kind: 'Pod',
              namespace: 'team-data',
              name: 'web-5d8f-k4p',
              health: 'Degraded',
              message: 'ImagePullBackOff',
              children: [],
            },
          ],
        },
      ],
    }),
    treeNode('apps/Deployment/team-data/cache', { health: 'Progressing', message: '0 of 1 pods are ready', unit: 'data' }),
    treeNode('/Namespace//team-data', { file: 'namespaces.yaml', line: 3 }),
    treeNode('/Secret/team-data/registry', { file: 'secrets.yaml', line: 1 }),
    ...many,
  ];
}

function historyAt(ago: (minutes: number) => string) {
  return [
    syncRecord('4', {
      startedAt: ago(3),
      finishedAt: ago(2.9),
      result: 'failed',
      code: 'DeletionsBlocked',
      reason: '7 of 9 objects would be deleted, more than 50 %.',
      trigger: 'request',
      requestedBy: 'admin',
      requestedByVerified: true,
      attempts: 3,
      counts: { blocked: 7, unchanged: 2 },
      changes: [{ action: 'blocked', object: '/ConfigMap/team-data/motd', reason: 'left Git' }],
      problems: [{ code: 'DeletionsBlocked', message: '7 of 9 objects would be deleted.', object: '/ConfigMap/team-data/motd' }],
    }),
    syncRecord('3', {
      startedAt: ago(190),
      finishedAt: ago(189.5),
      counts: { configure: 2, create: 1 },
      changes: [
        {
          action: 'configure',
          object: 'apps/Deployment/team-data/cache',
          file: 'apps/cache.yaml',
          line: 1,
          fields: [{ path: 'spec.replicas', before: '1', after: '2' }],
        },
      ],
    }),
    syncRecord('2', { startedAt: ago(60 * 30), finishedAt: ago(60 * 30 - 0.1), trigger: 'drift', counts: { configure: 1 } }),
  ];
}
