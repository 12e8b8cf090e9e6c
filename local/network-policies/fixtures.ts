// Reads a table as ruleset.ts writes it and follows one packet through it, as the kernel would. For tests.
import { contains, parseAddress, parseCidr } from '../../schemas/kinds/cidr.ts';

export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp';
  readonly port: number;
  /** Of an answer to a connection that was let through. */
  readonly answer?: boolean;
}

/** To a pod, or out of the bridge. @returns whether it is let through the hook `forward` */
export function forwards(text: string, packet: Packet, cidr: string): boolean {
  const inside = (address: string): boolean => holds(cidr, address);
  const chains = chainsOf(text);
  const interfaces = { iifname: inside(packet.from), oifname: inside(packet.to) };
  for (const line of chains.get('forward') ?? []) {
    const [, side, chain] = /^(iifname|oifname) "[^"]+" jump (\S+)$/.exec(line) ?? [];
    if (chain === undefined || !interfaces[side === 'iifname' ? 'iifname' : 'oifname']) continue;
    const verdict = follow(chains, chain, packet);
    if (verdict !== 'return') return verdict === 'accept';
  }
  return true;
}

function chainsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const found = [...text.matchAll(/^chain (\S+) \{\n(.*?)\n\}$/gms)];
  return new Map(found.map(([, name = '', body = '']) => [name, body.split('\n')]));
}

type Verdict = 'accept' | 'refuse' | 'return';

function follow(chains: ReadonlyMap<string, readonly string[]>, name: string, packet: Packet): Verdict {
  for (const line of chains.get(name) ?? []) {
    const [, verdict] = /(?:^| )(accept|drop|return|reject with icmpx admin-prohibited)$/.exec(line) ?? [];
    const matches = verdict === undefined ? line : line.slice(0, -verdict.length).trim();
    const [, field, elements = ''] = /^(ip [sd]addr) vmap \{ (.*) \}$/.exec(matches) ?? [];
    if (field !== undefined) {
      const address = field === 'ip saddr' ? packet.from : packet.to;
      const then = elements
        .split(', ')
        .find((element) => element.startsWith(`${address} : `))
        ?.split(' : ')[1];
      if (then === 'return') return 'return';
      if (then !== undefined) return follow(chains, then.replace('goto ', ''), packet);
    } else if (matchesAll(matches, packet)) {
      if (verdict === undefined) throw new TypeError(`no verdict: ${line}`);
      return verdict === 'accept' || verdict === 'return' ? verdict : 'refuse';
    }
  }
  return 'return';
}

const MATCH = /(meta nfproto|meta l4proto|ct state|ct direction|ip [sd]addr|(?:tcp|udp|sctp) dport) (!= )?(\{ [^}]* \}|\S+) ?/y;

function matchesAll(text: string, packet: Packet): boolean {
  const match = new RegExp(MATCH);
  for (let at = 0; at < text.length; at = match.lastIndex) {
    match.lastIndex = at;
    const [whole, field = '', not, values = ''] = match.exec(text) ?? [];
    if (whole === undefined) throw new TypeError(`not understood: ${text.slice(at)}`);
    if (matches(field, values.replace(/^\{ | \}$/g, '').split(', '), packet) === (not !== undefined)) return false;
  }
  return true;
}

function matches(field: string, values: readonly string[], { from, to, protocol, port, answer = false }: Packet): boolean {
  switch (field) {
    case 'ip saddr':
      return values.some((value) => holds(value, from));
    case 'ip daddr':
      return values.some((value) => holds(value, to));
    case 'meta nfproto':
      return values.includes(from.includes(':') ? 'ipv6' : 'ipv4');
    case 'meta l4proto':
      return values.includes(protocol);
    case 'ct state':
      return answer && values.includes('established');
    case 'ct direction':
      return answer;
    default:
      return field === `${protocol} dport` && values.some((value) => inRange(value, port));
  }
}

function inRange(text: string, port: number): boolean {
  const [first = 0, last = first] = text.split('-').map(Number);
  return port >= first && port <= last;
}

function holds(text: string, address: string): boolean {
  const [block, at] = [text.includes('/') ? parseCidr(text) : parseAddress(text), parseAddress(address)];
  return block !== undefined && at !== undefined && contains(block, at);
}
