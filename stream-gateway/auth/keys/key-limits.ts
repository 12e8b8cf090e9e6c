// What an API key was narrowed to. The API server still decides what its owner may: a key can only do less.
import { BlockList, isIP } from 'node:net';
import { type ApiKeyScope, type ApiScope, EVERYTHING } from '../../../schemas/api/api-keys.ts';

export function scopesAllow(scopes: readonly ApiKeyScope[], wanted: ApiScope): boolean {
  if (scopes.includes(EVERYTHING) || scopes.includes(wanted)) return true;
  const [area, verb] = wanted.split(':');
  // What is open to everybody is open to every key.
  return area === 'meta' || (verb === 'read' && scopes.some((scope) => scope === `${area}:write`));
}

/** @param ranges addresses and CIDR ranges; none allows every address */
export function addressAllowed(ranges: readonly string[], address: string): boolean {
  if (ranges.length === 0) return true;
  const family = isIP(address);
  if (family === 0) return false;
  const allowed = new BlockList();
  for (const range of ranges) {
    const [net = '', prefix] = range.split('/');
    const type = isIP(net) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) allowed.addAddress(net, type);
    else allowed.addSubnet(net, Number(prefix), type);
  }
  return allowed.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
