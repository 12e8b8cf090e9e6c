import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, parseCidr } from '../../../schemas/kinds/cidr.ts';
import type { NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import { judgeEgress } from './evaluate.ts';
import { address, anyProfiles, profile, teamOf } from './fixtures.ts';
import { mergeNetwork } from './merge-network.ts';
import { networkPolicySpec } from './network-policy.ts';
import { PRIVATE } from './ranges.ts';
import { teamNetworkPolicies } from './render.ts';
import { sessionNetwork } from './session-network.ts';

const DESKTOP = { 'streamspace.io/component': 'desktop' };
const labels = (named: string | undefined): Record<string, string> => ({
  ...DESKTOP,
  ...(named === undefined ? {} : { 'streamspace.io/network': named }),
});

function allows(profiles: readonly NetworkProfile[], named: string | undefined, to: string, port = 443, network = 'a'): boolean {
  const policies = teamNetworkPolicies(teamOf(network), profiles);
  return judgeEgress(policies, labels(named), { address: address(to), port, protocol: 'TCP' }).allowed;
}

/** Of every range that no profile may open, first, last and one in the middle, and the other names of IPv4 addresses in IPv6. */
const FORBIDDEN = [
  ...['169.254.0.0', '169.254.169.254', '169.254.170.2', '169.254.255.255', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['127.0.0.0', '127.0.0.1', '127.255.255.255', '0.0.0.0', '224.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fe80::1', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'ff02::1'],
  ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:127.0.0.1', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::', '::a9fe:a9fe'],
];

describe('whatever profiles there are', () => {
  const anyName = fc.constantFrom('a', 'b', 'missing', undefined);

  test('no desktop reaches cloud metadata, loopback or link-local addresses, under any of their names', () => {
    fc.assert(
      fc.property(anyProfiles, anyName, anyName, (profiles, named, network) => {
        const policies = teamNetworkPolicies(teamOf(network), profiles);
        for (const to of FORBIDDEN)
          for (const protocol of ['TCP', 'UDP'] as const)
            expect(judgeEgress(policies, labels(named), { address: address(to), protocol }), to).toMatchObject({
              allowed: false,
            });
      }),
    );
  });

  test('a private address is reached only where an entry, or a resolver, that lies in a private range holds it', () => {
    const addresses = ['10.96.0.1', '10.0.0.53', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12:3456::1'].map(address);
    fc.assert(
      fc.property(anyProfiles, anyName, (profiles, named) => {
        const policies = teamNetworkPolicies(teamOf('a'), profiles);
        const ceiling = profiles.find(({ metadata }) => metadata.namespace === 'streamspace' && metadata.name === 'a');
        const entries = (ceiling?.spec.egress?.allow ?? []).flatMap(({ cidr }) => (cidr === undefined ? [] : [parseCidr(cidr)]));
        const resolver = ceiling?.spec.dns?.resolver;
        for (const to of addresses) {
          if (!judgeEgress(policies, labels(named), { address: to, protocol: 'TCP' }).allowed) continue;
          const names = [...entries, ...(resolver === undefined ? [] : [address(resolver)])];
          const isNamed = names.some(
            (block) => block !== undefined && contains(block, to) && PRIVATE.some((range) => contains(range, block)),
          );
          expect(isNamed).toBe(true);
        }
      }),
    );
  });

  test('another namespace is selected only by its name, and only where the profile of the team names it', () => {
    fc.assert(
      fc.property(anyProfiles, (profiles) => {
        const ceiling = profiles.find(({ metadata }) => metadata.namespace === 'streamspace' && metadata.name === 'a');
        const named = new Set((ceiling?.spec.egress?.allow ?? []).flatMap(({ namespace }) => namespace ?? []));
        for (const { spec } of teamNetworkPolicies(teamOf('a'), profiles))
          for (const { to = [] } of spec.egress ?? [])
            for (const { namespaceSelector, podSelector, ipBlock } of to) {
              if (ipBlock !== undefined) continue;
              const name = namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] ?? '';
              const isDns = name === 'kube-system' && podSelector?.matchLabels?.['k8s-app'] === 'kube-dns';
              expect(isDns || named.has(name)).toBe(true);
            }
      }),
    );
  });

  test('what is rendered is what the API server takes: each exception strictly inside of its block, in the same family', () => {
    fc.assert(
      fc.property(anyProfiles, (profiles) => {
        for (const { spec } of teamNetworkPolicies(teamOf('a'), profiles)) {
          expect(networkPolicySpec.parse(spec)).toEqual(spec);
          for (const { to = [] } of spec.egress ?? []) {
            expect(to).toHaveLength(1);
            for (const { ipBlock } of to) {
              const outer = ipBlock === undefined ? undefined : parseCidr(ipBlock.cidr);
              for (const text of ipBlock?.except ?? []) {
                const inner = parseCidr(text);
                const isInside = outer !== undefined && inner !== undefined && contains(outer, inner);
                expect(isInside && outer.prefix < inner.prefix, `${text} in ${ipBlock?.cidr}`).toBe(true);
              }
            }
          }
        }
      }),
    );
  });

  test('a template, and a profile in the namespace of the team, open nothing that the profile of the team does not', () => {
    const targets = ['203.0.113.7', '8.8.8.8', '10.96.0.1', '2001:db8::1', 'fd12::1', '100.64.3.4'].map(address);
    fc.assert(
      fc.property(
        anyProfiles,
        fc.constantFrom('a', 'b', undefined),
        fc.integer({ min: 1, max: 150 }),
        (profiles, named, port) => {
          const alone = profiles.filter(({ metadata }) => metadata.namespace === 'streamspace' && metadata.name === 'a');
          const merged = teamNetworkPolicies(teamOf('a'), profiles);
          const most = teamNetworkPolicies(teamOf('a'), alone);
          for (const to of targets)
            for (const protocol of ['TCP', 'UDP'] as const) {
              const target = { address: to, port, protocol };
              if (judgeEgress(merged, labels(named), target).allowed)
                expect(judgeEgress(most, labels(undefined), target).allowed).toBe(true);
            }
        },
      ),
    );
  });

  test('the order in which they are read makes no difference to what is open', () => {
    fc.assert(
      fc.property(anyProfiles, (profiles) => {
        expect(teamNetworkPolicies(teamOf('a'), profiles.toReversed())).toEqual(teamNetworkPolicies(teamOf('a'), profiles));
      }),
    );
  });
});

const INTERNET = profile('streamspace/a', { egress: { mode: 'Internet' }, dns: { mode: 'Cluster' } });

describe('what is open', () => {
  test('without a profile of the team nothing is, whatever templates name, and the policies are those of before', () => {
    const before = teamNetworkPolicies(teamOf(), []);
    expect(before.map(({ name }) => name)).toEqual(['streamspace-default-deny', 'streamspace-admit-gateway']);
    expect(teamNetworkPolicies(teamOf(), [INTERNET, profile('team-web/b', INTERNET.spec)])).toEqual(before);
  });

  test('a profile that the team names and that is not there, or is only in its own namespace, opens nothing', () => {
    expect(allows([profile('team-web/a', INTERNET.spec)], undefined, '203.0.113.7')).toBe(false);
    expect(allows([INTERNET], undefined, '203.0.113.7', 443, 'elsewhere')).toBe(false);
  });

  test('the internet is public addresses of both families, and no private ones', () => {
    for (const to of ['203.0.113.7', '8.8.8.8', '2001:db8::1']) expect(allows([INTERNET], undefined, to)).toBe(true);
    for (const to of ['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1'])
      expect(allows([INTERNET], undefined, to)).toBe(false);
  });

  test('an entry that lies in a private range opens it, one that holds it does not', () => {
    const list = (cidr: string): NetworkProfile => profile('streamspace/a', { egress: { mode: 'AllowList', allow: [{ cidr }] } });
    expect(allows([list('10.20.0.0/16')], undefined, '10.20.3.4')).toBe(true);
    expect(allows([list('10.0.0.0/8')], undefined, '10.20.3.4')).toBe(true);
    expect(allows([list('8.0.0.0/5')], undefined, '10.20.3.4')).toBe(false);
    expect(allows([list('8.0.0.0/5')], undefined, '8.8.8.8')).toBe(true);
    expect(allows([list('::/0')], undefined, '2001:db8::1')).toBe(true);
  });

  test('a template narrows: what its profile and that of the team open both', () => {
    const web = profile('streamspace/web', {
      egress: { mode: 'AllowList', allow: [{ cidr: '203.0.113.0/24', ports: [{ port: 443, protocol: 'TCP' }] }] },
    });
    expect(allows([INTERNET, web], 'web', '203.0.113.7')).toBe(true);
    expect(allows([INTERNET, web], 'web', '203.0.113.7', 80)).toBe(false);
    expect(allows([INTERNET, web], 'web', '8.8.8.8')).toBe(false);
    expect(allows([INTERNET, web], undefined, '8.8.8.8')).toBe(true);
    expect(allows([INTERNET], 'missing', '8.8.8.8')).toBe(false);
  });

  test('another resolver in the profile of a template comes to none', () => {
    const own = profile('team-web/own', { dns: { mode: 'Resolver', resolver: '10.0.0.53' } });
    expect(mergeNetwork(teamOf('a'), [INTERNET, own], 'own')).toMatchObject({ mode: 'Internet', dns: { mode: 'None' } });
    expect(mergeNetwork(teamOf('a'), [INTERNET, own], undefined).dns).toEqual({ mode: 'Cluster' });
  });
});

test('the status names the policies that select the desktop, and where each limit comes from', () => {
  const kiosk = profile('team-web/kiosk', { egress: { mode: 'Deny' } });
  expect(sessionNetwork(teamOf('a'), [INTERNET, kiosk], 'kiosk')).toMatchObject({
    effective: {
      egress: 'Deny',
      dns: { mode: 'Cluster' },
      policies: ['streamspace-default-deny', 'streamspace-admit-gateway', 'streamspace-network-kiosk'],
    },
    origins: [
      { field: 'network.egress', from: 'NetworkProfile/team-web/kiosk' },
      { field: 'network.dns', from: 'NetworkProfile/streamspace/a' },
    ],
  });
  expect(sessionNetwork(teamOf(), [INTERNET], undefined)).toBeUndefined();
  expect(sessionNetwork(teamOf(), [INTERNET], 'a')?.origins[0]).toEqual({ field: 'network.egress', from: 'Team/web' });
});
