import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeEgress, type NamedPolicy } from './evaluate.ts';
import { address, anyCidr } from './fixtures.ts';
import type { NetworkPolicySpec, PolicyRule } from './network-policy.ts';

const POD = { app: 'desktop' };
const policy = (egress: readonly PolicyRule[], fields: Partial<NetworkPolicySpec> = {}, name = 'p'): NamedPolicy => ({
  name,
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [...egress], ...fields },
});
const isAllowed = (policies: readonly NamedPolicy[], to: string, port?: number, protocol: 'TCP' | 'UDP' = 'TCP'): boolean =>
  judgeEgress(policies, POD, { address: address(to), port, protocol }).allowed;
const block = (cidr: string, except: string[] = []): PolicyRule => ({ to: [{ ipBlock: { cidr, except } }] });

describe('which policies count', () => {
  test('a pod that none selects for egress is open', () => {
    expect(isAllowed([], '8.8.8.8')).toBe(true);
    expect(isAllowed([policy([], { podSelector: { matchLabels: { app: 'other' } } })], '8.8.8.8')).toBe(true);
    expect(isAllowed([policy([], { policyTypes: ['Ingress'] })], '8.8.8.8')).toBe(true);
    expect(isAllowed([{ name: 'p', spec: { podSelector: {} } }], '8.8.8.8')).toBe(true);
  });

  test('one that is selected may do what any rule allows, and nothing else', () => {
    const deny = policy([], {}, 'deny');
    expect(isAllowed([deny], '8.8.8.8')).toBe(false);
    expect(isAllowed([deny, policy([block('8.0.0.0/8')])], '8.8.8.8')).toBe(true);
    expect(isAllowed([{ name: 'p', spec: { podSelector: {}, egress: [block('8.0.0.0/8')] } }], '9.9.9.9')).toBe(false);
  });

  test.each([
    ['In', ['desktop'], true],
    ['In', ['other'], false],
    ['NotIn', ['desktop'], false],
    ['NotIn', ['other'], true],
    ['Exists', [], true],
    ['DoesNotExist', [], false],
  ] as const)('an expression with %s %j selects it: %s', (operator, values, selected) => {
    const podSelector = { matchExpressions: [{ key: 'app', operator, values: [...values] }] };
    expect(judgeEgress([policy([], { podSelector })], POD, { address: address('8.8.8.8'), protocol: 'TCP' }).isolating).toEqual(
      selected ? ['p'] : [],
    );
  });
});

describe('which rules count', () => {
  test('ports are a range from port to endPort of one protocol; a rule without ports is for all, one without peers for everywhere', () => {
    const ranged = policy([{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 80, endPort: 90 }] }]);
    expect([79, 80, 90, 91].map((port) => isAllowed([ranged], '8.8.8.8', port))).toEqual([false, true, true, false]);
    expect(isAllowed([ranged], '8.8.8.8', 80, 'UDP')).toBe(false);
    expect(isAllowed([policy([{ ports: [{ port: 53, protocol: 'UDP' }] }])], '2001:db8::1', 53, 'UDP')).toBe(true);
    expect(isAllowed([policy([{}])], '2001:db8::1', 1)).toBe(true);
    expect(isAllowed([policy([{ ports: [{ port: 'http' }] }])], '8.8.8.8', 80)).toBe(false);
  });

  test('an address that may be that of a pod is not taken for one', () => {
    const rules = policy([{ to: [{ namespaceSelector: {}, podSelector: {} }] }]);
    const judged = judgeEgress([rules], POD, { address: address('10.1.1.1'), protocol: 'TCP' });
    expect(judged).toMatchObject({ allowed: false, ifPod: [{ policy: 'p', rule: 0 }] });
  });

  test('the exception that takes an address out is told, and so are ports', () => {
    const rules = policy([block('8.0.0.0/8', ['8.8.0.0/16']), { ...block('8.8.8.8/32'), ports: [{ port: 53 }] }]);
    expect(judgeEgress([rules], POD, { address: address('8.8.8.8'), port: 80, protocol: 'TCP' }).nearly).toEqual([
      { policy: 'p', rule: 0, because: 'except 8.8.0.0/16' },
      { policy: 'p', rule: 1, because: 'ports' },
    ]);
  });
});

const anyBlock = fc.tuple(anyCidr, fc.array(anyCidr, { maxLength: 2 })).map(([cidr, except]) => block(cidr, except));
const anyTarget = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  anyCidr.map((text) => text.split('/')[0] ?? ''),
);

test('blocks and exceptions are judged as Node judges them', () => {
  const listOf = (cidrs: readonly string[]): BlockList => {
    const list = new BlockList();
    for (const cidr of cidrs) {
      const [of = '', prefix] = cidr.split('/');
      list.addSubnet(of, Number(prefix), isIPv6(of) ? 'ipv6' : 'ipv4');
    }
    return list;
  };
  fc.assert(
    fc.property(fc.array(anyBlock, { maxLength: 3 }), anyTarget, (rules, to) => {
      // Mapped addresses have two families at Node's.
      fc.pre(!/^::(ffff:)?/.test(to) || !isIPv6(to));
      const family = isIPv6(to) ? 'ipv6' : 'ipv4';
      const expected = rules.some(({ to: peers = [] }) =>
        peers.some(({ ipBlock }) => {
          const sameFamily = (cidr: string): boolean => isIPv6(cidr.split('/')[0] ?? '') === isIPv6(to);
          const within = listOf([ipBlock?.cidr ?? ''].filter(sameFamily)).check(to, family);
          return within && !listOf((ipBlock?.except ?? []).filter(sameFamily)).check(to, family);
        }),
      );
      expect(isAllowed([policy(rules)], to)).toBe(expected);
    }),
  );
});

test('a further policy takes nothing away from a pod that is selected, and the order makes no difference', () => {
  const anyPolicies = fc.array(fc.array(anyBlock, { maxLength: 3 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(anyPolicies, fc.array(anyBlock, { maxLength: 3 }), anyTarget, (all, further, to) => {
      const before = all.map((rules, index) => policy(rules, {}, `p${index}`));
      const after = [...before, policy(further, {}, 'further')];
      if (isAllowed(before, to)) expect(isAllowed(after, to)).toBe(true);
      expect(isAllowed(after.toReversed(), to)).toBe(isAllowed(after, to));
    }),
  );
});
