// /metrics is for this machine and the cluster: private addresses that come straight, not through a proxy.
import { BlockList, isIPv6 } from 'node:net';
import type { RequestHandler } from 'express';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { plainAddress } from './request-facts.ts';

const PRIVATE = new BlockList();
// RFC 1918, RFC 6598 (used by pod networks), loopback; RFC 4193, loopback.
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('100.64.0.0', 10);
PRIVATE.addSubnet('127.0.0.0', 8);
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');

export function isPrivateAddress(address: string): boolean {
  return PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** The answer to anybody else is that there is nothing. */
export const privateOnly: RequestHandler = (req, _res, next) => {
  const proxied = req.headers['x-forwarded-for'] !== undefined || req.headers['forwarded'] !== undefined;
  if (proxied || !isPrivateAddress(plainAddress(req.socket.remoteAddress)))
    throw new StreamSpaceError('NotFound', 'there is nothing at this address');
  next();
};
