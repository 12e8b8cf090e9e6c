// What the API server says of pods, namespaces and NetworkPolicies, as far as it decides where packets may go. Pure.
import * as z from 'zod';
import type { NetworkPolicySpec } from '../../controller/policies/network/network-policy.ts';
import { networkPolicySpec } from '../../controller/policies/network/network-policy.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { contains, parseAddress, parseCidr } from '../../schemas/kinds/cidr.ts';

type Labels = Readonly<Record<string, string>>;

export interface NamedPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface NetworkPod {
  readonly namespace: string;
  readonly labels: Labels;
  /** IPv4, of the bridge. */
  readonly address: string;
  readonly ports: readonly NamedPort[];
}

export interface NetworkState {
  readonly pods: readonly NetworkPod[];
  /** Labels of each namespace by its name. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly policies: readonly { readonly namespace: string; readonly spec: NetworkPolicySpec }[];
}

const podSchema = z.object({
  metadata: z.object({ namespace: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({
    hostNetwork: z.boolean().default(false),
    containers: z.array(
      z.object({
        ports: z
          .array(
            z.object({
              name: z.string().optional(),
              containerPort: z.int(),
              protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
            }),
          )
          .default([]),
      }),
    ),
  }),
  status: z.object({ phase: z.string().optional(), podIP: z.string().optional() }).default({}),
});

/** Undefined for a pod without an address of the bridge: none yet, none any more, or that of the machine. */
export function networkPodOf(object: KubeObjectJson, cidr: string): NetworkPod | undefined {
  const { metadata, spec, status } = podSchema.parse(object);
  const address = status.podIP === undefined ? undefined : parseAddress(status.podIP);
  const bridge = parseCidr(cidr);
  if (status.podIP === undefined || address === undefined || bridge === undefined || !contains(bridge, address)) return undefined;
  if (spec.hostNetwork || status.phase === 'Succeeded' || status.phase === 'Failed') return undefined;
  const ports = spec.containers.flatMap((container) =>
    container.ports.flatMap(({ name, containerPort, protocol }) =>
      name === undefined ? [] : [{ name, number: containerPort, protocol }],
    ),
  );
  return { namespace: metadata.namespace, labels: metadata.labels, address: status.podIP, ports };
}

const policySchema = z.object({ metadata: z.object({ namespace: z.string() }), spec: networkPolicySpec });

export function networkStateOf(
  objects: Readonly<Record<'pods' | 'namespaces' | 'policies', Iterable<KubeObjectJson>>>,
  cidr: string,
): NetworkState {
  return {
    pods: [...objects.pods].flatMap((pod) => networkPodOf(pod, cidr) ?? []),
    namespaces: new Map([...objects.namespaces].map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
    policies: [...objects.policies].map((object) => {
      const { metadata, spec } = policySchema.parse(object);
      return { namespace: metadata.namespace, spec };
    }),
  };
}
