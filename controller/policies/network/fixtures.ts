// Teams and profiles for tests, and arbitrary ones of them.
import fc from 'fast-check';
import { type Cidr, formatCidr, parseAddress } from '../../../schemas/kinds/cidr.ts';
import {
  type NetworkProfile,
  type NetworkProfileSpec,
  networkProfileSpec,
} from '../../../schemas/kinds/policies/network-profile.ts';
import type { Team } from '../../../schemas/kinds/team.ts';
import { API_GROUP_VERSION } from '../../../schemas/names.ts';

export function teamOf(network?: string): Team {
  const defaults = network === undefined ? {} : { defaults: { network } };
  const spec = { displayName: 'Web', members: [], ...defaults };
  return { apiVersion: API_GROUP_VERSION, kind: 'Team', metadata: { name: 'web', uid: 'uid-web' }, spec };
}

/** @param path `namespace/name` */
export function profile(path: string, spec: NetworkProfileSpec): NetworkProfile {
  const [namespace = '', name = ''] = path.split('/');
  const metadata = { namespace, name, uid: `uid-${path}`, generation: 1 };
  return { apiVersion: API_GROUP_VERSION, kind: 'NetworkProfile', metadata, spec };
}

export function address(text: string): Cidr {
  const found = parseAddress(text);
  if (found === undefined) throw new TypeError(`${text} is no address`);
  return found;
}

/** Dense around what matters: the named ranges themselves, what holds them, and what lies in them. */
const INTERESTING = [
  ...['0.0.0.0', '10.0.0.0', '10.96.0.1', '127.0.0.1', '169.254.169.254', '100.64.0.0', '100.100.100.200', '168.63.129.16'],
  ...['192.168.0.0', '203.0.113.7', '255.255.255.255', '::', '::1', '::ffff:169.254.169.254', '2000::', '2001:db8::1'],
  ...['2002:a9fe:a9fe::', '64:ff9b::a9fe:a9fe', 'fc00::', 'fd00:ec2::254', 'fd20:ce::254', 'fe80::1'],
];

export const anyCidr: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...INTERESTING).map(address), fc.nat(128), fc.bigInt(0n, 2n ** 128n - 1n), fc.boolean())
  .map(([{ family, first }, length, noise, noisy]) => {
    const bits = family === 4 ? 32 : 128;
    const prefix = length % (bits + 1);
    const rest = BigInt(bits - prefix);
    const value = noisy ? first ^ (noise & ((1n << BigInt(bits >> 2)) - 1n)) : first;
    return formatCidr({ family, first: (value >> rest) << rest, prefix });
  });

const anyPorts = fc.option(
  fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: 100 }), fc.nat(50), fc.constantFrom('TCP' as const, 'UDP' as const))
      .map(([port, more, protocol]) => ({
        ...{ port, endPort: port + more, protocol },
      })),
    { minLength: 1, maxLength: 3 },
  ),
  { nil: undefined },
);

const anyEntry = fc
  .tuple(
    fc.oneof(
      anyCidr.map((cidr) => ({ cidr })),
      fc.constantFrom('team-ops', 'wiki').map((namespace) => ({ namespace })),
    ),
    anyPorts,
  )
  .map(([target, ports]) => ({ ...target, ...(ports === undefined ? {} : { ports }) }));

const anyDns = fc.oneof(
  fc.constantFrom({ mode: 'None' as const }, { mode: 'Cluster' as const }),
  anyCidr.map((cidr) => ({ mode: 'Resolver' as const, resolver: cidr.split('/')[0] })),
);

const anySpec: fc.Arbitrary<NetworkProfileSpec> = fc
  .record(
    {
      egress: fc.oneof(
        fc.constant({ mode: 'Deny' as const }),
        fc.array(anyEntry, { minLength: 1, maxLength: 4 }).map((allow) => ({ mode: 'AllowList' as const, allow })),
        fc.array(anyEntry, { maxLength: 3 }).map((allow) => ({ mode: 'Internet' as const, allow })),
      ),
      dns: anyDns,
    },
    { requiredKeys: [] },
  )
  .map((spec) => networkProfileSpec.parse(spec));

/** Some of the two names in both namespaces. */
export const anyProfiles: fc.Arbitrary<readonly NetworkProfile[]> = fc
  .tuple(
    ...['streamspace/a', 'team-web/a', 'streamspace/b', 'team-web/b'].map((path) =>
      fc.option(anySpec.map((spec) => profile(path, spec))),
    ),
  )
  .map((all) => all.filter((each): each is NetworkProfile => each !== null));
