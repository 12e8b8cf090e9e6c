// Whether NetworkPolicies let a pod connect to an address, and which rule of which does. Pure, and it follows networking.k8s.io/v1:
// a pod that no policy selects for a direction is open in it; one that is selected may do what any rule of any of them allows.
import { type Cidr, contains, parseCidr, unmapped } from '../../../schemas/kinds/cidr.ts';
import type { LabelSelector, NetworkPolicySpec, PolicyPeer, PolicyPort, PolicyRule } from './network-policy.ts';

type LabelExpression = NonNullable<LabelSelector['matchExpressions']>[number];
type Labels = Readonly<Record<string, string>>;

export interface NamedPolicy {
  readonly name: string;
  readonly spec: NetworkPolicySpec;
}

/** Where to. Of an address alone nobody knows whether a pod has it: rules that select pods are told of, and not followed. */
export interface Target {
  /** One address. An IPv4-mapped one is the IPv4 address that it means. */
  readonly address: Cidr;
  /** Left out: any port; a rule that allows some allows it. */
  readonly port?: number | undefined;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface RuleAt {
  readonly policy: string;
  /** Index in `spec.egress`. */
  readonly rule: number;
}

export interface Judged {
  readonly allowed: boolean;
  /** The first rule that allows it. */
  readonly by?: RuleAt;
  /** Names of the policies that select the pod for egress. None: it is open. */
  readonly isolating: readonly string[];
  /** Rules whose block holds the address, with the exception that takes it out, or `ports`. */
  readonly nearly: readonly (RuleAt & { readonly because: string })[];
  /** Rules that allow it where the address is that of a pod that they select. */
  readonly ifPod: readonly RuleAt[];
}

/** @param policies of the namespace of the pod */
export function judgeEgress(policies: readonly NamedPolicy[], pod: Labels, to: Target): Judged {
  const target = { ...to, address: unmapped(to.address) };
  const selecting = policies.filter(({ spec }) => isForEgress(spec) && selects(spec.podSelector, pod));
  const rules = selecting.flatMap(({ name, spec }) =>
    (spec.egress ?? []).map((rule, index) => ({ policy: name, rule: index, verdict: judgeRule(rule, target) })),
  );
  const at = ({ policy, rule }: RuleAt): RuleAt => ({ policy, rule });
  const by = rules.find(({ verdict }) => verdict === 'allowed');
  return {
    allowed: selecting.length === 0 || by !== undefined,
    ...(by === undefined ? {} : { by: at(by) }),
    isolating: selecting.map(({ name }) => name),
    nearly: rules.flatMap((each) => (typeof each.verdict === 'object' ? [{ ...at(each), because: each.verdict.because }] : [])),
    ifPod: rules.filter(({ verdict }) => verdict === 'ifPod').map(at),
  };
}

/** Without `policyTypes` a policy is for egress where it has rules of it. */
export function isForEgress({ policyTypes, egress }: NetworkPolicySpec): boolean {
  return policyTypes === undefined || policyTypes.length === 0 ? (egress ?? []).length > 0 : policyTypes.includes('Egress');
}

/** A rule without peers is for every destination, one without ports for every port. */
function judgeRule(
  { to = [], ports = [] }: PolicyRule,
  target: Target,
): 'allowed' | 'ifPod' | 'no' | { readonly because: string } {
  const isOfPorts = ports.length === 0 || ports.some((port) => isOfPort(port, target));
  const verdicts = to.length === 0 ? ['allowed' as const] : to.map((peer) => judgePeer(peer, target));
  if (verdicts.includes('allowed')) return isOfPorts ? 'allowed' : { because: 'ports' };
  if (verdicts.includes('ifPod')) return isOfPorts ? 'ifPod' : 'no';
  return verdicts.find((verdict) => typeof verdict === 'object') ?? 'no';
}

function judgePeer({ ipBlock }: PolicyPeer, { address }: Target): 'allowed' | 'ifPod' | 'no' | { readonly because: string } {
  if (ipBlock === undefined) return 'ifPod';
  if (!holds(ipBlock.cidr, address)) return 'no';
  const except = ipBlock.except?.find((range) => holds(range, address));
  return except === undefined ? 'allowed' : { because: `except ${except}` };
}

function holds(text: string, address: Cidr): boolean {
  const block = parseCidr(text);
  return block !== undefined && contains(block, address);
}

/** A port by name is one of the pod at the other end, so an address alone has none. */
function isOfPort({ protocol = 'TCP', port, endPort }: PolicyPort, target: Target): boolean {
  if (protocol !== target.protocol) return false;
  if (port === undefined || target.port === undefined) return true;
  return typeof port === 'number' && target.port >= port && target.port <= (endPort ?? port);
}

/** All labels and all expressions; none of either selects everything. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => holdsFor(expression, labels[expression.key]))
  );
}

function holdsFor({ operator, values = [] }: LabelExpression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
