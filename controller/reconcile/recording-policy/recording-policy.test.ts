import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { RecordingPolicy } from '../../../schemas/kinds/policies/recording-policy.ts';
import type { RecordingRulesOfPolicy } from '../../../schemas/kinds/policies/recording-rules.ts';
import { recordingPolicy } from '../../policies/fixtures.ts';
import { TargetExpressions } from '../../policies/target-expressions.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createRecordingPolicyReconciler } from './recording-policy.ts';

async function judged(rules: RecordingRulesOfPolicy) {
  const cluster = memoryCluster();
  const reconciler = createRecordingPolicyReconciler({
    client: cluster.client,
    cache: cluster.cache,
    expressions: new TargetExpressions(),
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  const plain = recordingPolicy('streamspace/all', rules);
  cluster.put(RESOURCES.recordingPolicies, { ...plain, metadata: { ...plain.metadata } });
  const effectivePolicy = { policies: [{ uid: plain.metadata.uid }] };
  cluster.put(RESOURCES.sessions, {
    metadata: { name: 'a', namespace: 'team-web' },
    status: { phase: 'Running', effectivePolicy },
  });
  const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  await reconciler.reconcile({ namespace: 'streamspace', name: 'all' }, context);
  await reconciler.reconcile({ namespace: 'streamspace', name: 'all' }, context);
  expect(cluster.writes).toEqual(['apply RecordingPolicy all/status']);
  const status = cluster.read<RecordingPolicy>(RESOURCES.recordingPolicies, 'streamspace', 'all')?.status;
  return { sessions: status?.sessions, ready: findCondition(status?.conditions, 'Ready') };
}

const windowAt = (schedule: string): RecordingRulesOfPolicy => ({
  record: 'Always',
  windows: [{ schedule, duration: '1h', timeZone: 'UTC' }],
});

test('a good policy is accepted, and told in how many sessions it is in force; twice is once', async () => {
  expect(await judged(windowAt('0 7 * * *'))).toMatchObject({ sessions: 1, ready: { status: 'True', reason: 'Accepted' } });
});

test('a window that cannot be read is told, with what happens instead', async () => {
  expect((await judged(windowAt('99 * * * *'))).ready).toMatchObject({
    status: 'False',
    reason: 'PolicyInvalid',
    message: expect.stringMatching(/^windows: .*99 .*open at all times$/),
  });
});
