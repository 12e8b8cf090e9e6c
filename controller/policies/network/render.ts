// The NetworkPolicies of a team: everything is denied, its desktops are reached by us alone, and each profile opens what it comes to.
// Pure: the same team and profiles give the same rules. Rules of NetworkPolicies only add up, so a desktop is selected by one policy
// of ours that opens anything: that of the profile its template names, or else that of the team.
import { contains, formatCidr, parseAddress } from '../../../schemas/kinds/cidr.ts';
import type { NetworkDns, NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import { type Team, teamNamespace } from '../../../schemas/kinds/team.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { compare, fullName } from '../merging.ts';
import { type MergedNetwork, mergeNetwork } from './merge-network.ts';
import type { NetworkPolicySpec, PolicyPeer, PolicyPort, PolicyRule } from './network-policy.ts';
import { isUsable, NEVER } from './ranges.ts';
import type { PortRange } from './reach.ts';

/** What must hold before a session may start in the namespace of a team. */
export const DEFAULT_DENY_POLICY = 'streamspace-default-deny';
export const ADMIT_GATEWAY_POLICY = 'streamspace-admit-gateway';
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

export interface RenderedPolicy {
  readonly name: string;
  readonly spec: NetworkPolicySpec;
  /** `namespace/name` of each profile that it comes from. */
  readonly profiles: readonly string[];
}

/** @param named the profile of the template; left out: of desktops whose template names none */
export function networkPolicyName(named: string | undefined): string {
  return named === undefined ? 'streamspace-network' : `streamspace-network-${named}`;
}

/** In the order in which they must be there: nothing is opened before everything is closed. */
export function teamNetworkPolicies(team: Team, profiles: Iterable<NetworkProfile>): readonly RenderedPolicy[] {
  const reached = [...profiles].filter(({ metadata }) =>
    [SYSTEM_NAMESPACE, teamNamespace(team)].includes(metadata.namespace ?? ''),
  );
  const names = [...new Set(reached.map(({ metadata }) => metadata.name))].toSorted(compare);
  return [
    { name: DEFAULT_DENY_POLICY, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, profiles: [] },
    { name: ADMIT_GATEWAY_POLICY, spec: admitGateway(), profiles: [] },
    ...[undefined, ...names].flatMap((named) => opened(named, mergeNetwork(team, reached, named))),
  ];
}

/** None where nothing is opened: everything is denied already. */
function opened(named: string | undefined, merged: MergedNetwork): readonly RenderedPolicy[] {
  if (!opensAnything(merged)) return [];
  const egress = [...egressRules(merged)];
  const desktop = { [LABELS.component]: 'desktop' };
  const podSelector =
    named === undefined
      ? { matchLabels: desktop, matchExpressions: [{ key: LABELS.network, operator: 'DoesNotExist' as const }] }
      : { matchLabels: { ...desktop, [LABELS.network]: named } };
  const spec: NetworkPolicySpec = { podSelector, policyTypes: ['Egress'], egress };
  return [{ name: networkPolicyName(named), spec, profiles: merged.profiles.map(fullName) }];
}

export function opensAnything(merged: MergedNetwork): boolean {
  return egressRules(merged).length > 0;
}

function egressRules(merged: MergedNetwork): readonly PolicyRule[] {
  return [...dnsRules(merged.dns), ...reachRules(merged)];
}

function reachRules({ reach }: MergedNetwork): readonly PolicyRule[] {
  return [
    ...reach.blocks.map(({ cidr, except, ports }) => {
      const excepted = except.length === 0 ? {} : { except: except.map(formatCidr).toSorted(compare) };
      return rule({ ipBlock: { cidr: formatCidr(cidr), ...excepted } }, ports);
    }),
    ...reach.pods.map(({ namespace, labels, ports }) => {
      const pods = Object.keys(labels).length === 0 ? {} : { podSelector: { matchLabels: labels } };
      return rule({ namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: namespace } }, ...pods }, ports);
    }),
  ];
}

const DNS_PORTS: readonly PortRange[] = [
  { protocol: 'UDP', from: 53, to: 53 },
  { protocol: 'TCP', from: 53, to: 53 },
];

function dnsRules(dns: NetworkDns): readonly PolicyRule[] {
  if (dns.mode === 'Cluster') {
    const kubeDns = { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } };
    return [rule({ namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: 'kube-system' } }, ...kubeDns }, DNS_PORTS)];
  }
  const cidr = usableResolver(dns);
  return cidr === undefined ? [] : [rule({ ipBlock: { cidr } }, DNS_PORTS)];
}

/** As a block. Undefined for an address that no desktop may ever connect to, and in the other modes. */
export function usableResolver({ resolver }: NetworkDns): string | undefined {
  const address = resolver === undefined ? undefined : parseAddress(resolver);
  if (address === undefined || !isUsable(address) || NEVER.some((range) => contains(range, address))) return undefined;
  return formatCidr(address);
}

function rule(peer: PolicyPeer, ports: readonly PortRange[] | undefined): PolicyRule {
  return { to: [peer], ...(ports === undefined ? {} : { ports: ports.map(portOf) }) };
}

function portOf({ protocol, from, to }: PortRange): PolicyPort {
  return { protocol, port: from, ...(to === from ? {} : { endPort: to }) };
}

/** Desktops are reached by the gateway, which serves their streams, and by the controller, which asks whether they answer. */
function admitGateway(): NetworkPolicySpec {
  const from = ['gateway', 'controller'].map((component) => ({
    namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: SYSTEM_NAMESPACE } },
    podSelector: { matchLabels: { [LABELS.component]: component } },
  }));
  return { podSelector: { matchLabels: { [LABELS.component]: 'desktop' } }, policyTypes: ['Ingress'], ingress: [{ from }] };
}
