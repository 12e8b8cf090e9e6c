// The processes of the one-node cluster as parts. Their programs are the upstream ones; only the flags are ours.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { PROGRAM_PATH } from '../machine/run.ts';
import type { Part } from '../part.ts';
import { ensureCgroup } from './cgroups.ts';
import { clusterFiles, kubeconfigPath } from './cluster-files.ts';
import { Cri } from './cri.ts';
import { type ClusterLayout, NODE_NAME, SERVICE_CIDR } from './layout.ts';
import { ensureNetwork } from './network.ts';
import { networkPoliciesPart } from './network-policies.ts';
import { authorityPaths, leafPaths, serviceAccountKeyPaths } from './pki.ts';
import { answers } from './probe.ts';

const env = { PATH: PROGRAM_PATH } as const;

function etcd(layout: ClusterLayout): Part {
  const { ports } = layout;
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  const metrics = `http://127.0.0.1:${ports.etcdMetrics}`;
  const { certificate, key } = leafPaths(layout.pki, 'etcd');
  const ca = authorityPaths(layout.pki, 'etcd').certificate;
  return {
    name: 'etcd',
    dependsOn: [],
    command: [
      layout.programs.etcd,
      '--name=streamspace',
      `--data-dir=${join(layout.dir, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=streamspace=${peer}`,
      `--listen-metrics-urls=${metrics}`,
      // Every local user can reach the port; only who has the API server's certificate may speak.
      '--client-cert-auth',
      `--cert-file=${certificate}`,
      `--key-file=${key}`,
      `--trusted-ca-file=${ca}`,
      '--peer-client-cert-auth',
      `--peer-cert-file=${certificate}`,
      `--peer-key-file=${key}`,
      `--peer-trusted-ca-file=${ca}`,
      '--log-level=warn',
    ],
    env,
    ready: (signal) => answers(`${metrics}/readyz`, { signal }),
  };
}

function apiServer(layout: ClusterLayout): Part {
  const own = leafPaths(layout.pki, 'apiserver');
  const forEtcd = leafPaths(layout.pki, 'apiserver-etcd');
  const forKubelet = leafPaths(layout.pki, 'apiserver-kubelet');
  const ca = authorityPaths(layout.pki, 'cluster').certificate;
  const frontProxy = leafPaths(layout.pki, 'front-proxy');
  const serviceAccounts = serviceAccountKeyPaths(layout.pki);
  return {
    name: 'kube-apiserver',
    dependsOn: ['etcd'],
    command: [
      layout.programs['kube-apiserver'],
      `--etcd-servers=https://127.0.0.1:${layout.ports.etcd}`,
      `--etcd-cafile=${authorityPaths(layout.pki, 'etcd').certificate}`,
      `--etcd-certfile=${forEtcd.certificate}`,
      `--etcd-keyfile=${forEtcd.key}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${layout.ports.apiServer}`,
      // Pods reach nothing through a service address (there is no kube-proxy), so no endpoints are kept for it. The address
      // is named because the default is looked up, and fails, on a machine without a default route.
      `--advertise-address=${layout.address}`,
      '--endpoint-reconciler-type=none',
      `--tls-cert-file=${own.certificate}`,
      `--tls-private-key-file=${own.key}`,
      `--client-ca-file=${ca}`,
      // The aggregation layer. Scheduler and controller-manager also read its authority, and complain every five seconds without.
      `--requestheader-client-ca-file=${authorityPaths(layout.pki, 'front-proxy').certificate}`,
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${frontProxy.certificate}`,
      `--proxy-client-key-file=${frontProxy.key}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--service-cluster-ip-range=${SERVICE_CIDR}`,
      `--service-account-key-file=${serviceAccounts.publicKey}`,
      `--service-account-signing-key-file=${serviceAccounts.key}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--kubelet-preferred-address-types=InternalIP',
      `--kubelet-certificate-authority=${ca}`,
      `--kubelet-client-certificate=${forKubelet.certificate}`,
      `--kubelet-client-key=${forKubelet.key}`,
      `--audit-policy-file=${clusterFiles(layout).auditPolicy}`,
      `--audit-log-path=${join(layout.audit, 'audit.log')}`,
      '--audit-log-format=json',
      '--audit-log-maxsize=50',
      '--audit-log-maxbackup=3',
      '--profiling=false',
      // A stop must not take the default minute when a watch stays open.
      '--shutdown-delay-duration=0s',
    ],
    env,
    ready: async (signal) => answers(`${layout.apiServerUrl}/readyz`, { signal, ca: await readFile(ca, 'utf8') }),
    stopTimeoutMs: 8_000,
  };
}

function controllerManager(layout: ClusterLayout): Part {
  const kubeconfig = kubeconfigPath(layout, 'controller-manager');
  const port = layout.ports.controllerManager;
  return {
    name: 'kube-controller-manager',
    dependsOn: ['kube-apiserver'],
    command: [
      layout.programs['kube-controller-manager'],
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      // There is one, and after a kill it must not wait for its own lease to run out.
      '--leader-elect=false',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${serviceAccountKeyPaths(layout.pki).key}`,
      `--root-ca-file=${authorityPaths(layout.pki, 'cluster').certificate}`,
      '--kube-api-qps=100',
      '--kube-api-burst=200',
      '--profiling=false',
    ],
    env,
    ready: (signal) => answers(`https://127.0.0.1:${port}/healthz`, { signal }),
  };
}

function scheduler(layout: ClusterLayout): Part {
  const kubeconfig = kubeconfigPath(layout, 'scheduler');
  const port = layout.ports.scheduler;
  return {
    name: 'kube-scheduler',
    dependsOn: ['kube-apiserver'],
    command: [
      layout.programs['kube-scheduler'],
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--leader-elect=false',
      '--kube-api-qps=100',
      '--kube-api-burst=200',
      '--profiling=false',
    ],
    env,
    ready: (signal) => answers(`https://127.0.0.1:${port}/readyz`, { signal }),
  };
}

function containerd(layout: ClusterLayout): Part {
  return {
    name: 'containerd',
    dependsOn: [],
    prepare: async () => {
      await mkdir(layout.run, { recursive: true, mode: 0o711 });
    },
    command: ['containerd', '--config', clusterFiles(layout).containerdConfig],
    env,
    ready: async (signal) => {
      using cri = new Cri(layout.containerdSocket);
      return await cri.isReady(signal);
    },
    // kubelet has stopped before (it depends on us), so nobody starts again what is stopped here.
    beforeStop: async (signal) => {
      using cri = new Cri(layout.containerdSocket);
      await cri.removeAllPods(signal);
    },
    stopTimeoutMs: 20_000,
  };
}

async function nodeIsReady(kubeconfig: string, signal: AbortSignal): Promise<boolean> {
  await using client = createKubeClient({ kubeconfig });
  const node = await client.find<KubeObjectJson & NodeStatus>(RESOURCES.nodes, undefined, NODE_NAME, { signal });
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

interface NodeStatus {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function kubelet(layout: ClusterLayout, filtered: boolean): Part {
  const kubeconfig = kubeconfigPath(layout, 'kubelet');
  const root = join(layout.dir, 'kubelet');
  return {
    name: 'kubelet',
    dependsOn: ['kube-apiserver', 'containerd'],
    prepare: async (signal) => {
      await ensureNetwork(layout, filtered, signal);
      await ensureCgroup(layout.cgroup);
    },
    command: [
      layout.programs.kubelet,
      `--config=${clusterFiles(layout).kubeletConfig}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${root}`,
      `--cert-dir=${join(root, 'pki')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${layout.address}`,
    ],
    env,
    ready: async (signal) =>
      (await answers(`http://127.0.0.1:${layout.ports.kubeletHealth}/healthz`, { signal })) &&
      (await nodeIsReady(kubeconfig, signal)),
  };
}

function volumeProvisioner(layout: ClusterLayout): Part {
  const port = layout.ports.volumeProvisioner;
  return {
    name: 'volume-provisioner',
    // The task that applies its rights and the storage class (local/units.ts).
    dependsOn: ['installation'],
    command: [
      process.execPath,
      '--conditions=source',
      fileURLToPath(new URL('./volume-provisioner/main.ts', import.meta.url)),
      `--kubeconfig=${kubeconfigPath(layout, 'volume-provisioner')}`,
      `--folder=${layout.volumes}`,
      `--listen=127.0.0.1:${port}`,
    ],
    env,
    ready: (signal) => answers(`http://127.0.0.1:${port}/readyz`, { signal }),
  };
}

/**
 * In no particular order; the supervisor goes by `dependsOn`. {@link writeClusterFiles} must have run.
 * @param options filtered: whether NetworkPolicies are enforced
 */
export function clusterParts(layout: ClusterLayout, { filtered }: { readonly filtered: boolean }): readonly Part[] {
  return [
    etcd(layout),
    containerd(layout),
    apiServer(layout),
    controllerManager(layout),
    scheduler(layout),
    kubelet(layout, filtered),
    volumeProvisioner(layout),
    ...(filtered ? [networkPoliciesPart(layout)] : []),
  ];
}
