// Where sinks may not connect to, whatever a name resolves to: this machine, and link-local addresses, where clouds keep their
// metadata. Private addresses stay open: that is where a SIEM is.
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { StreamSpaceError } from '../../../schemas/errors.ts';

const NEVER = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
] as const) {
  NEVER.addSubnet(address, prefix, 'ipv4');
  // The same under its IPv6 name (RFC 4291, 2.5.5.2).
  NEVER.addSubnet(`::ffff:${address}`, 96 + prefix, 'ipv6');
}
for (const [address, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
] as const)
  NEVER.addSubnet(address, prefix, 'ipv6');

function isAllowed(address: string): boolean {
  return !NEVER.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An address is not looked up, so it is judged as it stands. @param host with or without brackets @throws AuditSinkFailed */
export function requireAllowedAddress(host: string): void {
  const plain = host.replaceAll(/^\[|\]$/g, '');
  if (isIP(plain) !== 0 && !isAllowed(plain)) throw notAllowed(plain);
}

/** As `dns.lookup`, without what is not allowed. Judged at each connection: a name may mean something else a moment later. */
export const guardedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, '', 0);
    const allowed = found.filter(({ address }) => isAllowed(address));
    const [first] = allowed;
    if (first === undefined) return callback(notAllowed(host), '', 0);
    if (options.all === true) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

function notAllowed(host: string): StreamSpaceError {
  return new StreamSpaceError('AuditSinkFailed', `${host} is an address of this machine or link-local: no sink may be there`);
}
