// What a probe puts into the cluster for some seconds: a pod that greets whoever connects, and one NetworkPolicy that selects it alone.
import type { V1Container, V1ObjectMeta, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { LABELS, MANAGED_BY } from '../../schemas/names.ts';
import type { NetworkPolicySpec } from '../policies/network/network-policy.ts';

export const PROBE_NAME = 'streamspace-network-probe';
export const PROBE_POD = `${PROBE_NAME}-0`;
export const PROBE_PORT = 7_373;

/** What the pod runs: the program of the image that greets on `PROBE_PORT`. */
export interface Greeter {
  readonly command: readonly string[];
  /** The first that it says. */
  readonly greeting: string;
}

const SCRIPT = `const [, greeting, port] = process.argv;
require('node:net').createServer((socket) => socket.on('error', () => {}).end(greeting)).listen(Number(port));`;

/** With the Node.js of this process, which is where it is in the image too. */
export function nodeGreeter(greeting: string, port = PROBE_PORT): Greeter {
  return { command: [process.execPath, '-e', SCRIPT, greeting, String(port)], greeting };
}

const LABELLED = { [LABELS.managedBy]: MANAGED_BY, [LABELS.component]: 'network-probe' };

/** Nothing goes out of the pod either way. */
export function probePolicy(own: V1Pod, admits: 'everybody' | 'nobody'): object {
  const spec: NetworkPolicySpec = {
    podSelector: { matchLabels: LABELLED },
    policyTypes: ['Ingress', 'Egress'],
    ingress: admits === 'everybody' ? [{}] : [],
    egress: [],
  };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadataOf(own), spec };
}

/** Owned by the pod of the controller, so that what is left of a probe ends with it. */
function metadataOf({ metadata = {} }: V1Pod): V1ObjectMeta {
  return {
    name: PROBE_NAME,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    labels: LABELLED,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: metadata.name ?? '', uid: metadata.uid ?? '' }],
  };
}

/** Like the pod of the controller: its image is there already, and where it may run, with which user, was decided for it. */
export function probeStatefulSet(own: V1Pod, { command }: Greeter): V1StatefulSet {
  const { spec } = own;
  const container = containerOf(own);
  const pod = spec?.securityContext ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadataOf(own),
    spec: {
      replicas: 1,
      serviceName: PROBE_NAME,
      selector: { matchLabels: LABELLED },
      template: {
        metadata: { labels: LABELLED },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 0,
          ...(spec?.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
          ...(spec?.nodeSelector === undefined ? {} : { nodeSelector: spec.nodeSelector }),
          ...(spec?.tolerations === undefined ? {} : { tolerations: spec.tolerations }),
          securityContext: { ...pod, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'greeter',
              image: container?.image ?? '',
              imagePullPolicy: 'IfNotPresent',
              command: [...command],
              resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              securityContext: {
                ...container?.securityContext,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }],
        },
      },
    },
  };
}

/** Of several, that of the controller: others are beside it. */
function containerOf({ spec }: V1Pod): V1Container | undefined {
  return spec?.containers.find(({ name }) => name === 'controller') ?? spec?.containers[0];
}
