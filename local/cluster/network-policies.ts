// The process that holds pods to their NetworkPolicies, as a part, and its rights: it reads, and writes nothing to the cluster.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { PROGRAM_PATH } from '../machine/run.ts';
import type { Part } from '../part.ts';
import { kubeconfigPath } from './cluster-files.ts';
import type { ClusterLayout } from './layout.ts';

const ROLE = 'streamspace-network-policies';

export function networkPoliciesPart(layout: ClusterLayout): Part {
  const readyFile = join(layout.run, 'network-policies-ready');
  return {
    name: 'network-policies',
    // The kubelet makes the bridge, and the task that applies the rights below (local/units.ts).
    dependsOn: ['kubelet', 'installation'],
    prepare: async () => {
      await rm(readyFile, { force: true });
    },
    command: [
      process.execPath,
      '--max-semi-space-size=2',
      '--conditions=source',
      fileURLToPath(new URL('../network-policies/main.ts', import.meta.url)),
      `--kubeconfig=${kubeconfigPath(layout, 'network-policies')}`,
      `--table=${layout.network}`,
      `--bridge=${layout.bridge}`,
      `--cidr=${layout.cidr}`,
      `--ready-file=${readyFile}`,
    ],
    env: { PATH: PROGRAM_PATH },
    ready: () => Promise.resolve(existsSync(readyFile)),
  };
}

export function networkPoliciesManifests(): readonly KubeObjectJson[] {
  const verbs = ['get', 'list', 'watch'];
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: ROLE },
      rules: [
        { apiGroups: [''], resources: ['pods', 'namespaces'], verbs },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: ROLE },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ROLE },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'streamspace:network-policies' }],
    },
  ];
}
