// Where the local cluster keeps its things and which names, addresses and ports it uses. Pure: everything follows from the
// state folder and the choices that are persisted there (local/installation.ts).
import { join } from 'node:path';
import versions from './versions.json' with { type: 'json' };

/** A fixed name: the hostname may change between two starts, and volumes are bound to the node by name. */
export const NODE_NAME = 'streamspace-local';
export const SERVICE_CIDR = '10.96.0.0/16';
/** The first address of {@link SERVICE_CIDR}: what `kubernetes.default` resolves to. */
export const KUBERNETES_SERVICE_IP = '10.96.0.1';

export const CLUSTER_PORTS = [
  'etcd',
  'etcdPeer',
  'etcdMetrics',
  'apiServer',
  'controllerManager',
  'scheduler',
  'kubelet',
  'kubeletHealth',
  'volumeProvisioner',
] as const;
export type ClusterPort = (typeof CLUSTER_PORTS)[number];

export interface ClusterOptions {
  readonly stateDir: string;
  readonly cacheDir: string;
  /** `installationId()`: in every name that is visible on the whole machine. */
  readonly id: string;
  /** The first three bytes of the pods' /24, such as `10.244.17`. */
  readonly subnet: string;
  readonly ports: Readonly<Record<ClusterPort, number>>;
}

export interface ClusterLayout extends ClusterOptions {
  readonly dir: string;
  readonly pki: string;
  /** Kubeconfig of the administrator. */
  readonly adminKubeconfig: string;
  readonly kubeconfigs: string;
  readonly audit: string;
  readonly volumes: string;
  /** Short, gone after a reboot: sockets (whose paths may have 107 bytes), running containers, leased addresses. */
  readonly run: string;
  readonly containerdSocket: string;
  readonly bridge: string;
  readonly cgroup: string;
  readonly network: string;
  /** Of the bridge and so of the node. */
  readonly address: string;
  readonly cidr: string;
  readonly apiServerUrl: string;
  readonly programs: Readonly<
    Record<'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet' | 'etcd', string>
  >;
}

/** The names by which traces of an installation are known all over the machine. */
export function tracesOf(id: string): {
  readonly run: string;
  readonly bridge: string;
  readonly cgroup: string;
  readonly network: string;
} {
  const name = `streamspace-${id}`;
  // An interface name has at most 15 bytes.
  return { run: `/run/${name}`, bridge: `ss-${id}`, cgroup: name, network: name };
}

/** Folders of the programs in the cache: one for each version, so that an upgrade never mixes them. */
export function programFolders(cacheDir: string): { readonly kubernetes: string; readonly etcd: string } {
  return {
    kubernetes: join(cacheDir, 'bin', `k8s-${versions.kubernetes}`),
    etcd: join(cacheDir, 'bin', `etcd-${versions.etcd}`),
  };
}

export function clusterLayout(options: ClusterOptions): ClusterLayout {
  const dir = join(options.stateDir, 'cluster');
  const traces = tracesOf(options.id);
  const bin = programFolders(options.cacheDir);
  return {
    ...options,
    ...traces,
    dir,
    pki: join(dir, 'pki'),
    adminKubeconfig: join(options.stateDir, 'admin.kubeconfig'),
    kubeconfigs: join(dir, 'kubeconfigs'),
    audit: join(options.stateDir, 'log', 'audit'),
    volumes: join(options.stateDir, 'volumes'),
    containerdSocket: join(traces.run, 'containerd.sock'),
    address: `${options.subnet}.1`,
    cidr: `${options.subnet}.0/24`,
    apiServerUrl: `https://127.0.0.1:${options.ports.apiServer}`,
    programs: {
      'kube-apiserver': join(bin.kubernetes, 'kube-apiserver'),
      'kube-controller-manager': join(bin.kubernetes, 'kube-controller-manager'),
      'kube-scheduler': join(bin.kubernetes, 'kube-scheduler'),
      kubelet: join(bin.kubernetes, 'kubelet'),
      etcd: join(bin.etcd, 'etcd'),
    },
  };
}
