// All NetworkPolicies of the cluster as one table of nftables(8), which replaces the one before it in one transaction. Pure, and it
// follows networking.k8s.io/v1 as `streamspace policy explain` does. What is not known of is closed: a pod has no network before
// its address has come here. Each packet is judged, not the first of a connection alone, so a change holds for open ones too.
import { createHash } from 'node:crypto';
import { isForEgress, selects } from '../../controller/policies/network/evaluate.ts';
import type { NetworkPolicySpec } from '../../controller/policies/network/network-policy.ts';
import type { NetworkPod, NetworkState } from './pods.ts';
import { type Direction, ruleLines } from './rule-lines.ts';

export interface FilteredNetwork {
  /** The name of the table. */
  readonly network: string;
  readonly bridge: string;
  readonly cidr: string;
}

/** Who sends it learns of it at once, as "no route to host", instead of waiting. */
const REFUSE = 'reject with icmpx admin-prohibited';
/** Answers go the way back of what was let through, and so do errors that a router has to tell. */
const ANSWERS = ['ct state established ct direction reply accept', 'ct state related meta l4proto icmp accept'];
export const NO_PODS: NetworkState = { pods: [], namespaces: new Map(), policies: [] };

export function ruleset({ network, bridge, cidr }: FilteredNetwork, state: NetworkState): string {
  const egress = verdicts('egress', state);
  const ingress = verdicts('ingress', state);
  const chains = new Map(
    [...egress, ...ingress].flatMap(({ chain }) => (chain === undefined ? [] : [[chain.name, chain.lines]])),
  );
  const ownChains = [...chains]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, lines]) => block(`chain ${name}`, [...lines, REFUSE]));
  const body = [
    ...ownChains,
    // Pods have no IPv6 but what an interface gives itself, and no policy can speak of that.
    block('chain from-pods', [
      'meta nfproto ipv6 drop',
      ...ANSWERS,
      `ip saddr != ${cidr} drop`,
      ...byAddress('ip saddr', egress),
      REFUSE,
    ]),
    block('chain to-pods', ['meta nfproto ipv6 drop', ...ANSWERS, ...byAddress('ip daddr', ingress), REFUSE]),
    block('chain forward', [
      'type filter hook forward priority filter - 10; policy accept;',
      `iifname "${bridge}" jump from-pods`,
      `oifname "${bridge}" jump to-pods`,
    ]),
    // To the machine itself. What the machine sends to its pods is let through, as in every cluster.
    block('chain input', ['type filter hook input priority filter - 10; policy accept;', `iifname "${bridge}" jump from-pods`]),
  ];
  return `add table inet ${network}\ndelete table inet ${network}\n${block(`table inet ${network}`, body)}\n`;
}

interface PodVerdict {
  readonly address: string;
  /** Left out: no policy selects the pod in this direction, and all is open. */
  readonly chain?: { readonly name: string; readonly lines: readonly string[] };
}

function verdicts(direction: Direction, state: NetworkState): readonly PodVerdict[] {
  // An address that two pods have for a moment belongs to neither.
  const counts = Map.groupBy(state.pods, ({ address }) => address);
  return state.pods
    .filter(({ address }) => counts.get(address)?.length === 1)
    .toSorted((a, b) => (a.address < b.address ? -1 : 1))
    .map((pod) => verdictOf(pod, direction, state));
}

function verdictOf(pod: NetworkPod, direction: Direction, state: NetworkState): PodVerdict {
  const selecting = state.policies.filter(
    ({ namespace, spec }) => namespace === pod.namespace && isFor(direction, spec) && selects(spec.podSelector, pod.labels),
  );
  if (selecting.length === 0) return { address: pod.address };
  const lines = [
    ...new Set(
      selecting.flatMap(({ spec }) => (spec[direction] ?? []).flatMap((rule) => ruleLines(rule, direction, pod, state))),
    ),
  ].toSorted();
  // Named after what it says: pods of the same rules share one.
  const name = `${direction}-${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)}`;
  return { address: pod.address, chain: { name, lines } };
}

/** Without `policyTypes` every policy is for ingress. */
function isFor(direction: Direction, spec: NetworkPolicySpec): boolean {
  if (direction === 'egress') return isForEgress(spec);
  const { policyTypes = [] } = spec;
  return policyTypes.length === 0 || policyTypes.includes('Ingress');
}

/** `goto`: what a chain lets through goes back to the hook, where the other end of the connection is asked. */
function byAddress(field: string, pods: readonly PodVerdict[]): readonly string[] {
  if (pods.length === 0) return [];
  const elements = pods.map(({ address, chain }) => `${address} : ${chain === undefined ? 'return' : `goto ${chain.name}`}`);
  return [`${field} vmap { ${elements.join(', ')} }`];
}

function block(head: string, body: readonly string[]): string {
  return `${head} {\n${body.join('\n')}\n}`;
}
