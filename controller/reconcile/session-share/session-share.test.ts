import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { type MergedSharing, OPEN_SHARING } from '../../../schemas/kinds/policies/session-rules.ts';
import type { SessionShare, SessionShareSpec } from '../../../schemas/kinds/sessions/session-share.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createSessionShareReconciler } from './session-share.ts';

const HOUR_MS = 3_600_000;

function world(spec: Partial<SessionShareSpec> = {}, status: SessionShare['status'] = {}) {
  const cluster = memoryCluster();
  let time = Date.parse('2026-01-01T10:00:00Z');
  const reconciler = createSessionShareReconciler({ client: cluster.client, cache: cluster.cache, now: () => new Date(time) });
  cluster.put(RESOURCES.sessions, { metadata: { name: 'a', namespace: 'team-web' }, status: {} });
  cluster.put(RESOURCES.sessionShares, {
    metadata: { name: 's', namespace: 'team-web', creationTimestamp: '2026-01-01T10:00:00Z' },
    spec: {
      sessionRef: { name: 'a', uid: 'u' },
      sharedBy: { person: 'member', admin: false },
      linkHash: 'a'.repeat(64),
      mode: 'View',
      expiresAt: '2026-01-01T12:00:00Z',
      moderated: false,
      revoked: false,
      ...spec,
    },
    status: { ...status },
  });
  const read = () => cluster.read<SessionShare>(RESOURCES.sessionShares, 'team-web', 's');
  return {
    ...cluster,
    read,
    ready: () => findCondition(read()?.status?.conditions, 'Ready'),
    policy: (sharing: Partial<MergedSharing>) =>
      cluster.put(RESOURCES.sessions, {
        metadata: { name: 'a', namespace: 'team-web' },
        status: { effectivePolicy: { sharing: { ...OPEN_SHARING, ...sharing } } },
      }),
    pass: (ms: number): void => {
      time += ms;
    },
    reconcile: async () =>
      await reconciler.reconcile(
        { namespace: 'team-web', name: 's' },
        { signal: new AbortController().signal, log: pino({ level: 'silent' }) },
      ),
  };
}

test('a share that lets people in says so, looks again when it ends, and is written once', async () => {
  const given = world();
  expect(await given.reconcile()).toEqual({ requeueAfterMs: 2 * HOUR_MS });
  expect(given.ready()).toMatchObject({ status: 'True', reason: 'Open' });
  await given.reconcile();
  expect(given.writes).toEqual(['apply SessionShare s/status']);
});

test('P-10-1 a share that its policy no longer allows, or that is over, is not ready, with the code that whoever opens it reads', async () => {
  const given = world();
  given.policy({ allow: 'People' });
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'SharingNotAllowed' });
  given.policy({});
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'True' });
  given.pass(2 * HOUR_MS);
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'ShareExpired' });
  given.pass(24 * HOUR_MS);
  await given.reconcile();
  expect(given.read()).toBeUndefined();
});

test('a link that was opened as often as it may be is not ready', async () => {
  const given = world({ maxUses: 1 }, { uses: 1 });
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'ShareUsedUp' });
});
