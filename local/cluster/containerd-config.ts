// Configuration of containerd (the distribution's, 1.6 or 1.7: version 2 of the file) and of its pod network. Pure.
import { join } from 'node:path';
import type { ClusterLayout } from './layout.ts';

const quoted = (text: string): string => JSON.stringify(text);

/**
 * Everything that containerd keeps by default in places of the whole machine is moved below our folders.
 * `restrict_oom_score_adj`: without CAP_SYS_RESOURCE every sandbox would fail ("can't get final child's PID from pipe").
 */
export function containerdConfig(
  layout: ClusterLayout,
  options: { readonly sandboxImage: string; readonly snapshotter: 'overlayfs' | 'native' },
): string {
  return `version = 2
root = ${quoted(join(layout.dir, 'containerd'))}
state = ${quoted(join(layout.run, 'containerd'))}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
  "io.containerd.nri.v1.nri",
]

[grpc]
  address = ${quoted(layout.containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted(join(layout.dir, 'containerd-opt'))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quoted(options.sandboxImage)}
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${quoted(join(layout.dir, 'cni'))}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${quoted(options.snapshotter)}
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = ${quoted(join(layout.run, 'runc'))}
`;
}

/** One bridge, addresses from the /24 of this installation. Forwarding and masquerading are rules of ours (network.ts). */
export function cniConfig(layout: ClusterLayout): string {
  const config = {
    cniVersion: '0.4.0',
    name: layout.network,
    plugins: [
      {
        type: 'bridge',
        bridge: layout.bridge,
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: join(layout.run, 'ipam'),
          ranges: [[{ subnet: layout.cidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
