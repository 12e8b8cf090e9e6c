// An IP address or a range in CIDR notation (RFC 4632, RFC 4291 section 2.3), strictly: what this lets pass, PostgreSQL's `inet` takes.

export interface AddressRange {
  readonly family: 4 | 6;
  /** Without a zone. */
  readonly address: string;
  /** Bits; 32 or 128 of a single address. */
  readonly prefix: number;
}

const V4_PART = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const V4 = new RegExp(`^${V4_PART}(\\.${V4_PART}){3}$`);

export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  if (rest.length > 0 || (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits))) return undefined;
  const family = V4.test(address) ? 4 : isV6(address) ? 6 : undefined;
  if (family === undefined) return undefined;
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  return prefix > most ? undefined : { family, address, prefix };
}

/** Eight groups, or fewer with one `::` for one group or more; without the form that ends in an IPv4 address. */
function isV6(text: string): boolean {
  if (!/^[0-9a-f:]{2,39}$/i.test(text)) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8;
}
