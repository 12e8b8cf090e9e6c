import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { DlpPolicy } from '../../../schemas/kinds/policies/dlp-policy.ts';
import type { DlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { PolicyTargets } from '../../../schemas/kinds/policies/policy.ts';
import { policy } from '../../policies/fixtures.ts';
import { TargetExpressions } from '../../policies/target-expressions.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createDlpPolicyReconciler } from './dlp-policy.ts';

const SIGNAL = new AbortController().signal;

function world(rules: DlpRules = {}, targets: PolicyTargets = {}, namespace = 'streamspace') {
  const cluster = memoryCluster();
  let time = Date.parse('2026-01-01T00:00:00Z');
  const expressions = new TargetExpressions();
  const reconciler = createDlpPolicyReconciler({
    client: cluster.client,
    cache: cluster.cache,
    expressions,
    now: () => new Date(time),
  });
  cluster.put(RESOURCES.namespaces, { metadata: { name: 'team-web', labels: { 'streamspace.io/team': 'web' } } });
  const plain = policy(`${namespace}/base`, rules, targets);
  cluster.put(RESOURCES.dlpPolicies, { ...plain, metadata: { ...plain.metadata } });
  const status = (): DlpPolicy['status'] => cluster.read<DlpPolicy>(RESOURCES.dlpPolicies, namespace, 'base')?.status;
  return {
    ...cluster,
    expressions,
    status,
    ready: () => findCondition(status()?.conditions, 'Ready'),
    pass: (ms: number): void => {
      time += ms;
    },
    putSession: (name: string, phase = 'Running', uid = plain.metadata.uid) =>
      cluster.put(RESOURCES.sessions, {
        metadata: { name, namespace: 'team-web' },
        status: { phase, effectivePolicy: { policies: [{ uid }] } },
      }),
    reconcile: async () =>
      await reconciler.reconcile({ namespace, name: 'base' }, { signal: SIGNAL, log: pino({ level: 'silent' }) }),
  };
}

test('a good policy is accepted, and told in how many sessions it is in force; twice is once', async () => {
  const given = world({ clipboard: { up: false } });
  given.putSession('a');
  given.putSession('b', 'Hibernated');
  given.putSession('ended', 'Terminated');
  given.putSession('other', 'Running', 'uid-other');
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'True', reason: 'Accepted', observedGeneration: 1 });
  expect(given.status()).toMatchObject({ observedGeneration: 1, sessions: 2 });
  await given.reconcile();
  expect(given.writes).toEqual(['apply DlpPolicy base/status']);
});

test('sessions that come and go are counted once a second at most', async () => {
  const given = world();
  await given.reconcile();
  given.pass(400);
  given.putSession('a');
  expect(await given.reconcile()).toEqual({ requeueAfterMs: 600 });
  given.putSession('b');
  given.pass(600);
  expect(await given.reconcile()).toEqual({});
  expect(given.status()?.sessions).toBe(2);
  expect(given.writes).toHaveLength(2);
});

test('a pattern that slipped through is told by the name of its rule', async () => {
  const rules = [
    { name: 'good', pattern: 'a+', action: 'Block', direction: 'Both' },
    { name: 'bad', pattern: '(?=x)', action: 'Block', direction: 'Both' },
  ] as const;
  const given = world({ clipboard: { rules: [...rules] } });
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'PolicyInvalid' });
  expect(given.ready()?.message).toMatch(/^clipboard\.rules "bad": .*denied$/);
});

test('an expression that is none is told, and so is one that turns out to take too long', async () => {
  const none = world({}, { cel: 'team ==' });
  await none.reconcile();
  expect(none.ready()).toMatchObject({
    reason: 'PolicyInvalid',
    message: expect.stringMatching(/^targets\.cel: .*every session/),
  });
  const cel = `"${'a'.repeat(40)}!".matches("^(a+)+$")`;
  const slow = world({}, { cel });
  await slow.reconcile();
  expect(slow.ready()?.reason).toBe('Accepted');
  slow.expressions.holds(cel, { session: null, template: null, team: 'web' });
  await slow.reconcile();
  expect(slow.ready()?.reason).toBe('PolicyInvalid');
});

test('outside of the system namespace and those of teams it reaches nobody, until the namespace comes to a team', async () => {
  const given = world({}, {}, 'somewhere');
  await given.reconcile();
  expect(given.ready()).toMatchObject({
    status: 'False',
    reason: 'PolicyUnreached',
    message: expect.stringContaining('somewhere'),
  });
  given.put(RESOURCES.namespaces, { metadata: { name: 'somewhere', labels: { 'streamspace.io/team': 'some' } } });
  await given.reconcile();
  expect(given.ready()?.reason).toBe('Accepted');
});

test('a policy that is gone is no error', async () => {
  const given = world();
  given.drop(RESOURCES.dlpPolicies, 'streamspace', 'base');
  expect(await given.reconcile()).toEqual({});
  expect(given.writes).toEqual([]);
});
