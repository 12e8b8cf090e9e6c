// IPv4 and IPv6 addresses and blocks (RFC 4632, RFC 4291) as numbers. Pure and without `node:net`: the toolkit runs it too.

export type Family = 4 | 6;

/** A block; all bits after the prefix are zero. */
export interface Cidr {
  readonly family: Family;
  readonly first: bigint;
  /** 0 to 32, or to 128. */
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;

/** `10.0.0.0/8`, `2001:db8::/32`. Undefined for any other text, and where bits after the prefix are set, as nobody can know what was meant. */
export function parseCidr(text: string): Cidr | undefined {
  const [, host = '', digits = ''] = /^([0-9a-f.:]+)\/(0|[1-9][0-9]{0,2})$/i.exec(text) ?? [];
  const address = parseAddress(host);
  const prefix = Number(digits);
  if (address === undefined || digits === '' || prefix > BITS[address.family]) return undefined;
  const block = { ...address, prefix };
  return block.first === masked(block) ? block : undefined;
}

/** A block of one address. An IPv4-mapped one (`::ffff:a.b.c.d`) stays IPv6. Undefined for any other text. */
export function parseAddress(text: string): Cidr | undefined {
  const v4 = parseIPv4(text);
  if (v4 !== undefined) return { family: 4, first: v4, prefix: 32 };
  const v6 = parseIPv6(text);
  return v6 === undefined ? undefined : { family: 6, first: v6, prefix: 128 };
}

/** The IPv4 address that is meant by `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2); any other address as it is. */
export function unmapped(address: Cidr): Cidr {
  const isMapped = address.family === 6 && address.prefix === 128 && address.first >> 32n === 0xffffn;
  return isMapped ? { family: 4, first: address.first & 0xffff_ffffn, prefix: 32 } : address;
}

/** The block of that size around an address; a smaller one stays as it is. */
export function blockAround(address: Cidr, prefix: number): Cidr {
  return address.prefix <= prefix ? address : { family: address.family, prefix, first: masked({ ...address, prefix }) };
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.family === inner.family && outer.prefix <= inner.prefix && masked({ ...inner, prefix: outer.prefix }) === outer.first
  );
}

/** Two blocks share addresses only where one holds the other. */
export function innerOf(a: Cidr, b: Cidr): Cidr | undefined {
  if (contains(a, b)) return b;
  return contains(b, a) ? a : undefined;
}

/** IPv6 in full groups of hexadecimal digits, the longest run of zeros as `::` (RFC 5952). */
export function formatCidr({ family, first, prefix }: Cidr): string {
  return `${family === 4 ? formatIPv4(first) : formatIPv6(first)}/${prefix}`;
}

function masked({ family, first, prefix }: Cidr): bigint {
  const rest = BigInt(BITS[family] - prefix);
  return (first >> rest) << rest;
}

function parseIPv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || text === '') return undefined;
  const groups = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  const [head, tail = []] = groups;
  if (head === undefined || groups.includes(undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0n), ...(tail ?? [])];
  return all.reduce((sum, group) => sum * 0x1_0000n + group, 0n);
}

/** @param last it may end with a dotted IPv4 address */
function groupsOf(half: string, last: boolean): readonly bigint[] | undefined {
  const groups: bigint[] = [];
  const parts = half === '' ? [] : half.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = last && index === parts.length - 1 ? parseIPv4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function formatIPv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
}

function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const zeros = [...groups.join(':').matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].toSorted(
    (a, b) => b[0].length - a[0].length || a.index - b.index,
  )[0];
  if (zeros === undefined) return groups.join(':');
  const text = groups.join(':');
  const before = text.slice(0, zeros.index).replace(/:$/, '');
  const after = text.slice(zeros.index + zeros[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
