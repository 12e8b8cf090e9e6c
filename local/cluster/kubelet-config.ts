// KubeletConfiguration of the one node. Pure.
import { join } from 'node:path';
import type { ClusterLayout } from './layout.ts';
import { authorityPaths, leafPaths } from './pki.ts';

/** @param resolvConf what pods with `dnsPolicy: Default` get; there is no cluster DNS */
export function kubeletConfig(layout: ClusterLayout, resolvConf: string): string {
  const certificate = leafPaths(layout.pki, 'kubelet');
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: layout.address,
    port: layout.ports.kubelet,
    healthzBindAddress: '127.0.0.1',
    healthzPort: layout.ports.kubeletHealth,
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    // A tree of our own: two kubelets that share one take each other's pods for strays and kill them.
    cgroupRoot: `/${layout.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // The default of -999 needs CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    seccompDefault: true,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authorityPaths(layout.pki, 'cluster').certificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificate.certificate,
    tlsPrivateKeyFile: certificate.key,
    rotateCertificates: false,
    podLogsDir: join(layout.dir, 'pod-logs'),
    volumePluginDir: join(layout.dir, 'kubelet', 'volume-plugins'),
    containerLogMaxSize: '10Mi',
    containerLogMaxFiles: 3,
    resolvConf,
    // Nothing else fills kubelet's chains: there is no kube-proxy.
    makeIPTablesUtilChains: false,
    // The images come from archives, and what is deleted would not come back by itself.
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1Gi', 'imagefs.available': '1Gi' },
    maxPods: 200,
    logging: { flushFrequency: 1_000_000_000 },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
