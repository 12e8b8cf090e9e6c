// One rule of a NetworkPolicy as lines of nftables(8), each of which lets through what it matches. Pure.
import { selects } from '../../controller/policies/network/evaluate.ts';
import type { PolicyPeer, PolicyPort, PolicyRule } from '../../controller/policies/network/network-policy.ts';
import { parseCidr } from '../../schemas/kinds/cidr.ts';
import type { NetworkPod, NetworkState } from './pods.ts';

export type Direction = 'egress' | 'ingress';

/** The field of a packet that holds the address of the other end. */
const OTHER_END = { egress: 'ip daddr', ingress: 'ip saddr' } as const;

/** @param pod whose traffic it is; its namespace is that of the policy */
export function ruleLines(rule: PolicyRule, direction: Direction, pod: NetworkPod, state: NetworkState): readonly string[] {
  const peers = (direction === 'egress' ? rule.to : rule.from) ?? [];
  const ports = rule.ports ?? [];
  // A rule without peers is for everybody.
  if (peers.length === 0) return lines('', ports, namedOf(direction, pod, state.pods), direction);
  return peers.flatMap((peer) => {
    if (peer.ipBlock !== undefined) return blockLines(peer.ipBlock, ports, direction, pod);
    const pods = podsOf(peer, pod.namespace, state);
    if (pods.length === 0) return [];
    return lines(oneOf(direction, pods), ports, namedOf(direction, pod, pods), direction);
  });
}

/** A port by name is one of a pod: an address of a block has none, the pod itself has. Blocks of IPv6 open nothing: pods have no such address. */
function blockLines(
  { cidr, except = [] }: NonNullable<PolicyPeer['ipBlock']>,
  ports: readonly PolicyPort[],
  direction: Direction,
  pod: NetworkPod,
): readonly string[] {
  if (parseCidr(cidr)?.family !== 4) return [];
  const excluded = except.filter((range) => parseCidr(range)?.family === 4);
  const end = OTHER_END[direction];
  const match = [`${end} ${cidr}`, ...excluded.map((range) => `${end} != ${range}`)].join(' ');
  return lines(match, ports, direction === 'ingress' ? [pod] : [], direction);
}

function podsOf({ namespaceSelector, podSelector = {} }: PolicyPeer, own: string, state: NetworkState): readonly NetworkPod[] {
  return state.pods.filter(({ namespace, labels }) => {
    const inNamespace =
      namespaceSelector === undefined
        ? namespace === own
        : state.namespaces.has(namespace) && selects(namespaceSelector, state.namespaces.get(namespace) ?? {});
    return inNamespace && selects(podSelector, labels);
  });
}

/** Whose ports a name means: those of who is connected to. */
const namedOf = (direction: Direction, pod: NetworkPod, peers: readonly NetworkPod[]): readonly NetworkPod[] =>
  direction === 'ingress' ? [pod] : peers;

const oneOf = (direction: Direction, pods: readonly NetworkPod[]): string =>
  `${OTHER_END[direction]} { ${[...new Set(pods.map(({ address }) => address))].toSorted().join(', ')} }`;

/** @param named pods by whose ports a name is known */
function lines(
  match: string,
  ports: readonly PolicyPort[],
  named: readonly NetworkPod[],
  direction: Direction,
): readonly string[] {
  const through = (...matches: readonly string[]): string => [...matches.filter((each) => each !== ''), 'return'].join(' ');
  if (ports.length === 0) return [through(match)];
  return ports.flatMap(({ protocol = 'TCP', port, endPort }) => {
    const transport = protocol.toLowerCase();
    if (port === undefined) return [through(match, `meta l4proto ${transport}`)];
    if (typeof port === 'number')
      return [through(match, `${transport} dport ${endPort === undefined ? port : `${port}-${endPort}`}`)];
    return named.flatMap((pod) =>
      pod.ports
        .filter((each) => each.name === port && each.protocol === protocol)
        .map(({ number }) => through(direction === 'egress' ? oneOf(direction, [pod]) : match, `${transport} dport ${number}`)),
    );
  });
}
