import { expect, test } from 'vitest';
import type { NetworkPolicySpec } from '../policies/network/network-policy.ts';
import { judge, type Observed, othersAdmitting, whyNoProof } from './judge.ts';

const POD = { name: 'controller-0', hostNetwork: false, addresses: ['10.1.2.3', 'fd00::3'] };

test.for([
  ['in its pod', POD, ['127.0.0.1', '10.1.2.3'], 'pod'],
  ['in its pod, by its IPv6 address', POD, ['::1', 'fd00::3'], 'pod'],
  ['on a machine, outside of every pod', undefined, ['192.168.1.5'], 'elsewhere'],
  // The node has the address of its host-network pods: without the field it would look like a pod of the cluster.
  ['on the network of the node', { ...POD, hostNetwork: true, addresses: ['192.168.1.5'] }, ['192.168.1.5'], 'elsewhere'],
  ['on a machine of the name of a pod', POD, ['192.168.1.5'], 'elsewhere'],
  ['in a pod without an address', { ...POD, addresses: [] }, ['127.0.0.1'], 'elsewhere'],
] as const)('where the prober stands: %s', ([, pod, addresses, place]) => {
  expect(whyNoProof(pod, addresses) === undefined ? 'pod' : 'elsewhere').toBe(place);
});

const every: readonly Observed[] = [true, false].flatMap((admitted) =>
  (['held', 'greeted', 'mixed'] as const).flatMap((denied) =>
    [true, false].map((admittedAgain) => ({ admitted, denied, admittedAgain, others: [] })),
  ),
);

test('only a pod that is reached, held back and reached again proves enforcement; only one that is never held back proves the contrary', () => {
  const proves = (state: string) => every.filter((observed) => judge(observed).state === state);
  expect(proves('enforced')).toEqual([{ admitted: true, denied: 'held', admittedAgain: true, others: [] }]);
  expect(proves('notEnforced')).toEqual([
    { admitted: true, denied: 'greeted', admittedAgain: true, others: [] },
    { admitted: true, denied: 'greeted', admittedAgain: false, others: [] },
  ]);
  expect(proves('notKnown')).toHaveLength(every.length - 3);
  expect(every.every((observed) => judge(observed).reason.length > 20)).toBe(true);
});

test('what another policy may have admitted proves nothing, and what was held back in spite of it proves the more', () => {
  const others = ['allow-same-namespace'];
  const greeted = judge({ admitted: true, denied: 'greeted', admittedAgain: false, others });
  expect(greeted).toMatchObject({ state: 'notKnown', reason: expect.stringContaining('allow-same-namespace') });
  expect(judge({ admitted: true, denied: 'held', admittedAgain: true, others }).state).toBe('enforced');
});

const POLICIES: readonly (readonly [string, NetworkPolicySpec, boolean])[] = [
  ['selects every pod and admits', { podSelector: {}, ingress: [{}] }, true],
  ['selects every pod and admits nobody', { podSelector: {}, policyTypes: ['Ingress'] }, false],
  ['selects it by a label of ours', { podSelector: { matchLabels: { a: 'b' } }, ingress: [{ from: [] }] }, true],
  ['selects other pods', { podSelector: { matchLabels: { a: 'c' } }, ingress: [{}] }, false],
  ['is about what goes out', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }, false],
];

test.for(POLICIES)('whether another policy admits to the pod: one that %s', ([, spec, admits]) => {
  expect(othersAdmitting([{ name: 'it', spec }], { a: 'b' })).toEqual(admits ? ['it'] : []);
});
