// The pod of a desktop: what Pod Security "restricted" asks for, and nothing that a desktop could use against the cluster.
import type { V1PodSpec } from '@kubernetes/client-node';
import type { NetworkDns } from '../../../schemas/kinds/policies/network-profile.ts';
import { priorityClassName, type SessionPriority } from '../../../schemas/kinds/priority.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { DESKTOP_CONTAINER, DESKTOP_HOME } from '../../../schemas/names.ts';
import { usableResolver } from '../../policies/network/render.ts';

/** The user and group that our images run as; the home belongs to it. */
const DESKTOP_USER = 1000;
const TMP_SIZE_LIMIT = '1Gi';
/** Tells the desktop how the gateway will speak to it; what a running desktop was told is read from here again. */
export const TLS_VARIABLE = 'STREAMSPACE_TLS';

/** How names are resolved in the pod. */
export type PodDns = Pick<V1PodSpec, 'dnsPolicy' | 'dnsConfig'>;

/** What no rule of a NetworkPolicy opens would only be waited for: without a way to resolve names the pod has the node's settings. */
export function podDns(dns: NetworkDns | undefined): PodDns {
  if (dns?.mode === 'Cluster') return { dnsPolicy: 'ClusterFirst' };
  if (dns?.resolver === undefined || usableResolver(dns) === undefined) return { dnsPolicy: 'Default' };
  return { dnsPolicy: 'None', dnsConfig: { nameservers: [dns.resolver] } };
}

export interface PodParts {
  readonly homeClaim: string;
  readonly passwordSecret: string;
  readonly dns: PodDns;
  readonly priority: SessionPriority;
}

export function podSpec(template: Template, { homeClaim, passwordSecret, dns, priority }: PodParts): V1PodSpec {
  const { image, imagePullPolicy, desktop, resources, env } = template.spec;
  const { port = 5900, width = 1280, height = 800, tls = 'Opportunistic' } = desktop ?? {};
  const { cpu = '250m', cpuLimit, memory = '512Mi', memoryLimit, gpu } = resources ?? {};
  const limits = {
    ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }),
    ...(memoryLimit === undefined ? {} : { memory: memoryLimit }),
    // Of an extended resource the limit is the request too: it cannot be shared out beyond what is there.
    ...(gpu === undefined ? {} : { [gpu.resource]: String(gpu.count) }),
  };
  const own = [
    { name: 'STREAMSPACE_PORT', value: String(port) },
    { name: 'STREAMSPACE_GEOMETRY', value: `${width}x${height}` },
    { name: TLS_VARIABLE, value: tls },
  ];
  // Ours win: the probe and the page rely on them.
  const fromTemplate = (env ?? []).filter(({ name }) => !own.some((ours) => ours.name === name));
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...dns,
    priorityClassName: priorityClassName(priority),
    terminationGracePeriodSeconds: 5,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: DESKTOP_USER,
      runAsGroup: DESKTOP_USER,
      fsGroup: DESKTOP_USER,
      // Without it every start would walk through the whole home.
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: DESKTOP_CONTAINER,
        image,
        imagePullPolicy: imagePullPolicy ?? 'IfNotPresent',
        ports: [{ name: 'rfb', containerPort: port }],
        env: [...own, ...fromTemplate],
        resources: { requests: { cpu, memory }, ...(Object.keys(limits).length === 0 ? {} : { limits }) },
        // The last words of a desktop that ends with an error go into its status, so nobody need fetch its log.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'home', mountPath: DESKTOP_HOME },
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'vnc', mountPath: '/run/streamspace/vnc', readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'home', persistentVolumeClaim: { claimName: homeClaim } },
      { name: 'tmp', emptyDir: { sizeLimit: TMP_SIZE_LIMIT } },
      // 0440 with the group above: the files, password, tls.crt and tls.key, are the desktop's alone.
      { name: 'vnc', secret: { secretName: passwordSecret, defaultMode: 0o440 } },
    ],
  };
}
