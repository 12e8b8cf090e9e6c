// Everything on disk that the cluster's processes read: certificates, kubeconfigs, configuration. Written before any of them
// starts; does nothing when all is there.

import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileIfChanged } from '../state/files.ts';
import { AUDIT_POLICY } from './audit-policy.ts';
import { cniConfig, containerdConfig } from './containerd-config.ts';
import { clusterEntry, kubeconfigText } from './kubeconfig.ts';
import { kubeletConfig } from './kubelet-config.ts';
import { type ClusterLayout, KUBERNETES_SERVICE_IP, NODE_NAME } from './layout.ts';
import { authorityPaths, ensurePki, type LeafSpec, leafPaths } from './pki.ts';

/** Who has a kubeconfig of the cluster, as which user and group. */
const CLIENTS = [
  { name: 'admin', commonName: 'streamspace-admin', organization: 'system:masters' },
  { name: 'controller-manager', commonName: 'system:kube-controller-manager' },
  { name: 'scheduler', commonName: 'system:kube-scheduler' },
  { name: 'volume-provisioner', commonName: 'streamspace:volume-provisioner' },
  { name: 'network-policies', commonName: 'streamspace:network-policies' },
] as const;

export function kubeconfigPath(layout: ClusterLayout, client: (typeof CLIENTS)[number]['name'] | 'kubelet'): string {
  return client === 'admin' ? layout.adminKubeconfig : join(layout.kubeconfigs, `${client}.kubeconfig`);
}

function leaves(layout: ClusterLayout): readonly LeafSpec[] {
  const loopback = { dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  return [
    { name: 'etcd', authority: 'etcd', commonName: 'etcd', ...loopback },
    { name: 'front-proxy', authority: 'front-proxy', commonName: 'front-proxy-client' },
    { name: 'apiserver-etcd', authority: 'etcd', commonName: 'kube-apiserver' },
    {
      name: 'apiserver',
      authority: 'cluster',
      commonName: 'kube-apiserver',
      dnsNames: [
        'localhost',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ],
      addresses: ['127.0.0.1', KUBERNETES_SERVICE_IP, layout.address],
    },
    {
      name: 'apiserver-kubelet',
      authority: 'cluster',
      commonName: 'kube-apiserver-kubelet-client',
      organization: 'system:masters',
    },
    {
      name: 'kubelet',
      authority: 'cluster',
      commonName: `system:node:${NODE_NAME}`,
      organization: 'system:nodes',
      dnsNames: [NODE_NAME],
      addresses: [layout.address],
    },
    ...CLIENTS.map((client) => ({ ...client, authority: 'cluster' as const })),
  ];
}

/** The resolver of systemd on 127.0.0.53 cannot be reached from a pod; the file beside it names the real ones. */
async function resolvConf(layout: ClusterLayout): Promise<string> {
  const found = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'].find((path) => existsSync(path));
  if (found !== undefined) return found;
  const own = join(layout.dir, 'resolv.conf');
  await writeFileIfChanged(own, '', 0o644);
  return own;
}

export interface ClusterFiles {
  readonly containerdConfig: string;
  readonly kubeletConfig: string;
  readonly auditPolicy: string;
}

export function clusterFiles(layout: ClusterLayout): ClusterFiles {
  return {
    containerdConfig: join(layout.dir, 'containerd.toml'),
    kubeletConfig: join(layout.dir, 'kubelet.json'),
    auditPolicy: join(layout.dir, 'audit-policy.json'),
  };
}

export async function writeClusterFiles(
  layout: ClusterLayout,
  options: { readonly sandboxImage: string; readonly snapshotter: 'overlayfs' | 'native'; readonly now: Date },
): Promise<void> {
  for (const folder of [layout.dir, layout.kubeconfigs, layout.audit, layout.volumes]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await ensurePki(layout.pki, leaves(layout), options.now);
  const ca = await readFile(authorityPaths(layout.pki, 'cluster').certificate, 'utf8');
  const cluster = clusterEntry({ server: layout.apiServerUrl, ca });
  for (const name of [...CLIENTS.map((client) => client.name), 'kubelet' as const]) {
    const paths = leafPaths(layout.pki, name);
    const [certificate, key] = await Promise.all([readFile(paths.certificate, 'utf8'), readFile(paths.key, 'utf8')]);
    await writeFileIfChanged(kubeconfigPath(layout, name), kubeconfigText(name, cluster, { certificate, key }));
  }
  const files = clusterFiles(layout);
  await writeFileIfChanged(files.containerdConfig, containerdConfig(layout, options));
  await mkdir(join(layout.dir, 'cni'), { recursive: true, mode: 0o700 });
  await writeFileIfChanged(join(layout.dir, 'cni', '10-streamspace.conflist'), cniConfig(layout));
  await writeFileIfChanged(files.kubeletConfig, kubeletConfig(layout, await resolvConf(layout)));
  await writeFileIfChanged(files.auditPolicy, `${JSON.stringify(AUDIT_POLICY, null, 2)}\n`);
}
