import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeEgress } from '../../controller/policies/network/evaluate.ts';
import { address, anyCidr, anyProfiles, teamOf } from '../../controller/policies/network/fixtures.ts';
import type { NetworkPolicySpec } from '../../controller/policies/network/network-policy.ts';
import { teamNetworkPolicies } from '../../controller/policies/network/render.ts';
import { forwards, type Packet } from './fixtures.ts';
import { type NetworkPod, type NetworkState, networkPodOf } from './pods.ts';
import { NO_PODS, ruleset } from './ruleset.ts';

const CIDR = '10.244.7.0/24';
const NETWORK = { network: 'streamspace-abcdef', bridge: 'ss-abcdef', cidr: CIDR };
const OUTSIDE = '8.8.8.8';

function pod(last: number, labels: NetworkPod['labels'], namespace = 'team-web', ports: NetworkPod['ports'] = []): NetworkPod {
  return { namespace, labels, address: `10.244.7.${last}`, ports };
}
const DESKTOP = pod(10, { app: 'desktop' });
const WIKI = pod(20, { app: 'wiki' }, 'team-ops', [{ name: 'http', number: 8080, protocol: 'TCP' }]);

function stateOf(
  policies: readonly (readonly [namespace: string, spec: NetworkPolicySpec])[],
  pods = [DESKTOP, WIKI],
): NetworkState {
  const namespaces = new Map(['team-web', 'team-ops'].map((name) => [name, { name }]));
  return { pods, namespaces, policies: policies.map(([namespace, spec]) => ({ namespace, spec })) };
}

function passes(state: NetworkState, from: string, to: string, port = 80, more: Partial<Packet> = {}): boolean {
  return forwards(ruleset(NETWORK, state), { from, to, port, protocol: 'tcp', ...more }, CIDR);
}
const egress = (rules: NonNullable<NetworkPolicySpec['egress']>): NetworkPolicySpec => ({
  podSelector: {},
  policyTypes: ['Egress'],
  egress: rules,
});
const ingress = (rules: NonNullable<NetworkPolicySpec['ingress']>): NetworkPolicySpec => ({ podSelector: {}, ingress: rules });

describe('what nobody speaks of', () => {
  test('a pod that no policy selects is open both ways', () => {
    expect(passes(stateOf([]), DESKTOP.address, OUTSIDE)).toBe(true);
    expect(passes(stateOf([]), DESKTOP.address, WIKI.address)).toBe(true);
  });

  test('a pod whose address is not known yet has no network, nor has an address that two have', () => {
    for (const state of [NO_PODS, stateOf([], [DESKTOP, { ...WIKI, address: DESKTOP.address }])]) {
      expect(passes(state, DESKTOP.address, OUTSIDE)).toBe(false);
      expect(passes(state, OUTSIDE, DESKTOP.address)).toBe(false);
    }
  });

  test('IPv6 from a pod is dropped', () => {
    expect(ruleset(NETWORK, stateOf([]))).toContain('chain from-pods {\nmeta nfproto ipv6 drop');
    expect(ruleset(NETWORK, stateOf([['team-web', egress([{ to: [{ ipBlock: { cidr: '::/0' } }] }])]]))).not.toContain('::');
  });

  test('a pod of the network of the machine, one that has ended and one without an address are no pods here', () => {
    const object = (spec: object, status: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'n' },
      spec: { containers: [], ...spec },
      status,
    });
    expect(networkPodOf(object({}, { podIP: '10.244.7.9' }), CIDR)?.address).toBe('10.244.7.9');
    for (const [spec, status] of [
      [{ hostNetwork: true }, { podIP: '10.244.7.9' }],
      [{}, { podIP: '192.0.2.2' }],
      [{}, { podIP: '10.244.7.9', phase: 'Succeeded' }],
      [{}, {}],
    ] as const) {
      expect(networkPodOf(object(spec, status), CIDR)).toBeUndefined();
    }
  });
});

describe('what policies say', () => {
  test('both ends are asked: what one lets out the other must let in', () => {
    const out = egress([{ to: [{ namespaceSelector: { matchLabels: { name: 'team-ops' } } }] }]);
    const open = stateOf([['team-web', out]]);
    expect(passes(open, DESKTOP.address, WIKI.address)).toBe(true);
    expect(passes(open, DESKTOP.address, OUTSIDE)).toBe(false);
    const closed = stateOf([
      ['team-web', out],
      ['team-ops', ingress([])],
    ]);
    expect(passes(closed, DESKTOP.address, WIKI.address)).toBe(false);
    const from = { namespaceSelector: { matchLabels: { name: 'team-web' } }, podSelector: { matchLabels: { app: 'desktop' } } };
    const admitted = stateOf([
      ['team-web', out],
      ['team-ops', ingress([{ from: [from] }])],
    ]);
    expect(passes(admitted, DESKTOP.address, WIKI.address)).toBe(true);
    expect(passes(admitted, OUTSIDE, WIKI.address)).toBe(false);
  });

  test('answers pass where the question did, and nothing else does', () => {
    const state = stateOf([
      ['team-web', egress([])],
      ['team-web', ingress([{}])],
    ]);
    expect(passes(state, WIKI.address, DESKTOP.address)).toBe(true);
    expect(passes(state, DESKTOP.address, WIKI.address)).toBe(false);
    expect(passes(state, DESKTOP.address, WIKI.address, 80, { answer: true })).toBe(true);
  });

  test('a selector of pods alone means those of the own namespace', () => {
    const own = pod(11, { app: 'wiki' });
    const state = stateOf(
      [['team-web', egress([{ to: [{ podSelector: { matchLabels: { app: 'wiki' } } }] }])]],
      [DESKTOP, WIKI, own],
    );
    expect(passes(state, DESKTOP.address, own.address)).toBe(true);
    expect(passes(state, DESKTOP.address, WIKI.address)).toBe(false);
  });

  test('a port by name is that of the pod that is connected to', () => {
    const named = [{ port: 'http' }];
    const out = stateOf([['team-web', egress([{ to: [{ namespaceSelector: {} }], ports: named }])]]);
    const into = stateOf([['team-ops', ingress([{ ports: named }])]]);
    for (const state of [out, into]) {
      expect([8080, 80].map((port) => passes(state, DESKTOP.address, WIKI.address, port))).toEqual([true, false]);
    }
  });

  test('ports are of one protocol, from port to endPort, and ICMP passes only rules without ports', () => {
    const to = [{ ipBlock: { cidr: '0.0.0.0/0' } }];
    const ranged = stateOf([['team-web', egress([{ to, ports: [{ port: 80, endPort: 90 }, { protocol: 'UDP' }] }])]]);
    expect([79, 80, 90, 91].map((port) => passes(ranged, DESKTOP.address, OUTSIDE, port))).toEqual([false, true, true, false]);
    expect(passes(ranged, DESKTOP.address, OUTSIDE, 1, { protocol: 'udp' })).toBe(true);
    expect(passes(ranged, DESKTOP.address, OUTSIDE, 0, { protocol: 'icmp' })).toBe(false);
    expect(passes(stateOf([['team-web', egress([{ to }])]]), DESKTOP.address, OUTSIDE, 0, { protocol: 'icmp' })).toBe(true);
  });
});

const anyAddress = fc
  .oneof(
    fc.ipV4(),
    anyCidr.map((text) => text.split('/')[0] ?? ''),
    fc.constant('169.254.169.254'),
  )
  .filter((text) => !text.includes(':') && !text.startsWith('10.244.7.'));

test('P-04-7 what `policy explain` says of profiles is what packets do', () => {
  const labels = { 'streamspace.io/component': 'desktop' };
  const anyLabels = fc.constantFrom(
    labels,
    { ...labels, 'streamspace.io/network': 'a' },
    { ...labels, 'streamspace.io/network': 'b' },
  );
  fc.assert(
    fc.property(
      ...([anyProfiles, fc.constantFrom(undefined, 'a', 'b'), anyLabels, anyAddress, fc.nat(150)] as const),
      fc.constantFrom('TCP' as const, 'UDP' as const),
      (profiles, named, its, to, port, protocol) => {
        const policies = teamNetworkPolicies(teamOf(named), profiles);
        const desktop = pod(10, its);
        const text = ruleset(
          NETWORK,
          stateOf(
            policies.map(({ spec }) => ['team-web', spec] as const),
            [desktop],
          ),
        );
        const told = judgeEgress(policies, its, { address: address(to), port, protocol }).allowed;
        const packet = { from: desktop.address, to, port, protocol: protocol === 'TCP' ? ('tcp' as const) : ('udp' as const) };
        expect(forwards(text, packet, CIDR)).toBe(told);
        if (to.startsWith('169.254.')) expect(told).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});
