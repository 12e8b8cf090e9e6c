// Where no desktop may ever connect to, and where only an entry of its own opens the way. Pure.
import { type Cidr, contains, parseCidr } from '../../../schemas/kinds/cidr.ts';

/** @throws TypeError for a text that is no block: a mistake in this file */
function blocks(...texts: readonly string[]): readonly Cidr[] {
  return texts.map((text) => {
    const block = parseCidr(text);
    if (block === undefined) throw new TypeError(`${text} is not a block`);
    return block;
  });
}

/** All public IPv6 addresses that there are (RFC 4291, 2.4); whatever else is public in IPv4 is not in a list below. */
export const [GLOBAL_IPV4, GLOBAL_IPV6] = blocks('0.0.0.0/0', '2000::/3') as readonly [Cidr, Cidr];

/**
 * Credentials of the machine lie behind these, or nobody at all: no profile opens them, whatever it names. IPv6 outside of
 * 2000::/3 and fc00::/7 is closed altogether, by {@link isUsable}: loopback, link-local, and `::ffff:0:0/96` and `64:ff9b::/96`, by
 * which each IPv4 address has a second name. An `except` could not say the former: Go reads it as IPv4, and the API server finds
 * that it is not in the IPv6 block around it.
 */
export const NEVER = blocks(
  '0.0.0.0/8', // this host (RFC 1122)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local: 169.254.169.254 of AWS, Azure, Google and others; 169.254.170.2 and .23 of containers on AWS
  '100.100.100.200/32', // metadata of Alibaba
  '168.63.129.16/32', // the host of an Azure machine
  '192.0.0.192/32', // metadata of Oracle
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  'fd00:ec2::/32', // services of AWS for a machine: metadata at ::254, credentials at ::23
  'fd20:ce::254/128', // metadata of Google
  '2001::/32', // Teredo and
  '2002::/16', // 6to4 (RFC 3056) carry an IPv4 address in them
);

/** Clusters, their API servers, their machines and whatever stands beside them live here. */
export const PRIVATE = blocks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10', // RFC 6598: pods and services of some clouds
  '192.0.0.0/24', // RFC 6890
  '198.18.0.0/15', // RFC 2544
  'fc00::/7', // RFC 4193
);

const [UNIQUE_LOCAL] = blocks('fc00::/7');

/** Of a family that has addresses there. */
export function isUsable(block: Cidr): boolean {
  return block.family === 4 || [GLOBAL_IPV6, UNIQUE_LOCAL].some((range) => range !== undefined && contains(range, block));
}
