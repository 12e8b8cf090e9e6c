// What a NetworkProfile opens, as blocks and pods, and what two of them open both. Pure.
import { type Cidr, contains, formatCidr, innerOf, parseCidr } from '../../../schemas/kinds/cidr.ts';
import type { AllowedPort, AllowedTarget, NetworkProfileSpec } from '../../../schemas/kinds/policies/network-profile.ts';
import { GLOBAL_IPV4, GLOBAL_IPV6, isUsable, NEVER, PRIVATE } from './ranges.ts';

export interface PortRange {
  readonly protocol: 'TCP' | 'UDP';
  readonly from: number;
  /** Included. */
  readonly to: number;
}

/** Undefined: all ports of all protocols. Never empty. */
type Ports = readonly PortRange[] | undefined;

export interface Block {
  readonly cidr: Cidr;
  /** Each strictly inside of `cidr`, none inside of another. */
  readonly except: readonly Cidr[];
  readonly ports: Ports;
}

export interface PodsOf {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: Ports;
}

export interface Reach {
  readonly blocks: readonly Block[];
  readonly pods: readonly PodsOf[];
}

export const NOWHERE: Reach = { blocks: [], pods: [] };

/** The most rules of one outcome: what is beyond comes to nothing, so that profiles cannot multiply without end. */
const MAX_RULES = 512;

export function reachOf(egress: NonNullable<NetworkProfileSpec['egress']>): Reach {
  if (egress.mode === 'Deny') return NOWHERE;
  const everywhere = egress.mode === 'Internet' ? [GLOBAL_IPV4, GLOBAL_IPV6] : [];
  const allow = egress.allow ?? [];
  return {
    blocks: [
      ...everywhere.flatMap((cidr) => blockOf(cidr, undefined) ?? []),
      ...allow.flatMap(({ cidr, ports }) => (cidr === undefined ? [] : (blockOf(parseCidr(cidr), portsOf(ports)) ?? []))),
    ],
    pods: allow.flatMap(({ namespace, pods = [], ports }) => {
      if (namespace === undefined) return [];
      const labels = Object.fromEntries(pods.map(({ label, value }) => [label, value]));
      // Two values of one label: no pod has both.
      if (pods.some(({ label, value }) => labels[label] !== value)) return [];
      return [{ namespace, labels, ports: portsOf(ports) }];
    }),
  };
}

/** Whether an entry of `allow` opens anything at all. */
export function opensNothing(entry: AllowedTarget): boolean {
  const { blocks, pods } = reachOf({ mode: 'AllowList', allow: [entry] });
  return blocks.length === 0 && pods.length === 0;
}

/** Without what may never be reached, and without the private blocks that it only happens to hold. */
function blockOf(asked: Cidr | undefined, ports: Ports): Block | undefined {
  if (asked === undefined) return undefined;
  const cidr = contains(asked, GLOBAL_IPV6) ? GLOBAL_IPV6 : asked;
  if (!isUsable(cidr) || NEVER.some((range) => contains(range, cidr))) return undefined;
  return { cidr, except: outermost([...NEVER, ...PRIVATE].filter((range) => isStrictlyIn(cidr, range))), ports };
}

export function intersection(a: Reach, b: Reach): Reach {
  const blocks = a.blocks.flatMap((one) => b.blocks.flatMap((other) => commonBlock(one, other) ?? []));
  const pods = a.pods.flatMap((one) => b.pods.flatMap((other) => commonPods(one, other) ?? []));
  const both = { blocks: unique(blocks), pods: unique(pods) };
  return both.blocks.length + both.pods.length > MAX_RULES ? NOWHERE : both;
}

function commonBlock(a: Block, b: Block): Block | undefined {
  const cidr = innerOf(a.cidr, b.cidr);
  const ports = commonPorts(a.ports, b.ports);
  const except = [...a.except, ...b.except];
  if (cidr === undefined || ports?.length === 0 || except.some((range) => contains(range, cidr))) return undefined;
  return { cidr, except: outermost(except.filter((range) => isStrictlyIn(cidr, range))), ports };
}

function commonPods(a: PodsOf, b: PodsOf): PodsOf | undefined {
  const ports = commonPorts(a.ports, b.ports);
  const labels = { ...a.labels, ...b.labels };
  const conflicts = Object.entries(a.labels).some(([label, value]) => labels[label] !== value);
  if (a.namespace !== b.namespace || conflicts || ports?.length === 0) return undefined;
  return { namespace: a.namespace, labels, ports };
}

/** Empty: none. */
function commonPorts(a: Ports, b: Ports): Ports {
  if (a === undefined || b === undefined) return a ?? b;
  const common = a.flatMap((one) =>
    b
      .filter(({ protocol }) => protocol === one.protocol)
      .map(({ protocol, from, to }) => ({ protocol, from: Math.max(from, one.from), to: Math.min(to, one.to) }))
      .filter(({ from, to }) => from <= to),
  );
  return unique(common);
}

function portsOf(ports: readonly AllowedPort[] | undefined): Ports {
  if (ports === undefined || ports.length === 0) return undefined;
  return ports.map(({ port, endPort = port, protocol = 'TCP' }) => ({ protocol, from: port, to: endPort }));
}

function isStrictlyIn(outer: Cidr, inner: Cidr): boolean {
  return contains(outer, inner) && outer.prefix < inner.prefix;
}

function outermost(ranges: readonly Cidr[]): readonly Cidr[] {
  const each = [...new Map(ranges.map((range) => [formatCidr(range), range])).values()];
  return each.filter((range) => !each.some((other) => isStrictlyIn(other, range)));
}

/** Each once, in the order in which they first come. */
function unique<T extends object>(all: readonly T[]): readonly T[] {
  const words = (value: T): string =>
    JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? `${member}` : member));
  return [...new Map(all.map((each) => [words(each), each])).values()];
}
