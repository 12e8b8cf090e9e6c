import { pino } from 'pino';
import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Quota, QuotaSpec } from '../../../schemas/kinds/quota.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { wokenBy } from '../wake.ts';
import { createQuotaReconciler } from './quota.ts';

const SIGNAL = new AbortController().signal;

function world(spec: Pick<QuotaSpec, 'scope' | 'limits'> & Partial<QuotaSpec>, namespace = 'streamspace') {
  const cluster = memoryCluster();
  const told: string[] = [];
  let time = Date.parse('2026-01-01T00:00:00Z');
  const reconciler = createQuotaReconciler({
    client: cluster.client,
    cache: cluster.cache,
    events: { record: (_subject, { reason, message }) => void told.push(`${reason}: ${message}`), flush: async () => undefined },
    now: () => new Date(time),
  });
  cluster.put(RESOURCES.namespaces, { metadata: { name: 'team-web', labels: { 'streamspace.io/team': 'web' } } });
  const putQuota = (change: Partial<QuotaSpec> = {}, generation = 1): void =>
    void cluster.put(RESOURCES.quotas, {
      metadata: { name: 'q', namespace, uid: 'q', generation },
      spec: { ...spec, ...change },
    });
  putQuota();
  const quota = (): Quota => cluster.read<Quota>(RESOURCES.quotas, namespace, 'q') ?? expect.unreachable('it is there');
  return {
    ...cluster,
    told,
    quota,
    putQuota,
    condition: (type: string) => findCondition(quota().status?.conditions, type),
    putSession: (name: string, owner: string, running = true) =>
      cluster.put(RESOURCES.sessions, {
        metadata: { name, namespace: 'team-web' },
        spec: { owner, template: 'terminal' },
        status: {
          phase: running ? 'Running' : 'Hibernated',
          templateRef: { namespace: 'streamspace', name: 'terminal' },
          admission: { at: '', running, cpu: '1', memory: '1Gi', storage: '2Gi' },
        },
      }),
    reconcile: async () => {
      time += 1_000;
      return await reconciler.reconcile({ namespace, name: 'q' }, { signal: SIGNAL, log: pino({ level: 'silent' }) });
    },
    again: async () => await reconciler.reconcile({ namespace, name: 'q' }, { signal: SIGNAL, log: pino({ level: 'silent' }) }),
  };
}

test('it tells what is used and what is left; twice is once, and once a second at most', async () => {
  const given = world({ scope: 'Platform', limits: { cpu: '8', storage: '10Gi' } });
  given.putSession('a', 'anna');
  given.putSession('b', 'bert', false);
  await given.reconcile();
  expect(given.quota().status).toMatchObject({
    used: { sessionsRunning: '1', sessionsTotal: '2', cpu: '1', memory: '1Gi', storage: '4Gi' },
    hard: { cpu: '8', storage: '10Gi' },
    available: { cpu: '7', storage: '6Gi' },
    warned: 0,
    observedGeneration: 1,
  });
  expect(given.condition('Ready')).toMatchObject({ status: 'True', reason: 'Accepted' });
  expect(await given.again()).toEqual({ requeueAfterMs: 1_000 });
  await given.reconcile();
  expect(given.writes).toEqual(['apply Quota q/status']);
});

test('P-04-2 a quota lowered below use says so in OverQuota, with an Event, until it is so no more', async () => {
  const given = world({ scope: 'Platform', limits: { sessionsRunning: 3 } });
  for (const name of ['a', 'b']) given.putSession(name, 'anna');
  await given.reconcile();
  expect(given.condition('OverQuota')).toMatchObject({ status: 'False', reason: 'WithinLimits' });
  given.put(RESOURCES.quotas, {
    ...given.quota(),
    metadata: { ...given.quota().metadata, generation: 2 },
    spec: { scope: 'Platform', limits: { sessionsRunning: 1 } },
  });
  await given.reconcile();
  expect(given.condition('OverQuota')).toMatchObject({
    status: 'True',
    message: '2 of 1 running desktops of the platform (200 %)',
  });
  expect(given.quota().status?.available).toEqual({ sessionsRunning: '0' });
  expect(given.told).toContain('OverQuota: 2 of 1 running desktops of the platform (200 %)');
  given.drop(RESOURCES.sessions, 'team-web', 'b');
  await given.reconcile();
  expect(given.condition('OverQuota')?.status).toBe('False');
});

test('80 and 95 % are told once each, by the person who has reached it; others are not listed', async () => {
  const given = world({ scope: 'Person', limits: { cpu: '20' }, warnAt: [95, 80] });
  for (let index = 0; index < 15; index += 1) given.putSession(`a${index}`, 'anna');
  given.putSession('b', 'bert');
  await given.reconcile();
  expect(given.quota().status?.subjects).toEqual([]);
  given.putSession('a15', 'anna');
  await given.reconcile();
  await given.reconcile();
  expect(given.told).toEqual(['NearLimit: 80 % is reached: 16 of 20 cpu of anna (80 %)']);
  expect(given.quota().status?.subjects).toMatchObject([{ name: 'anna', percent: 80, available: { cpu: '4' } }]);
  for (let index = 16; index < 19; index += 1) given.putSession(`a${index}`, 'anna');
  await given.reconcile();
  expect(given.told).toHaveLength(2);
  expect(given.quota().status?.warned).toBe(95);
});

test('where it limits nothing it says so', async () => {
  for (const [namespace, scope] of [
    ['somewhere', 'Team'],
    ['team-web', 'Platform'],
  ] as const) {
    const given = world({ scope, limits: {} }, namespace);
    await given.reconcile();
    expect(given.condition('Ready')).toMatchObject({ status: 'False', reason: 'QuotaUnreached' });
  }
});

test('room that may have come wakes those who wait for it; what is told to them does not', () => {
  const object = (status: object, resourceVersion: string) => ({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Session',
    metadata: { name: 'a', namespace: 'team-web', uid: 'a', generation: 1, resourceVersion },
    spec: { owner: 'anna', template: 'terminal' },
    status,
  });
  const waits = { phase: 'Pending', reason: 'QuotaExceeded' } as const;
  const waiting = { ...object(waits, '1'), metadata: { name: 'w', namespace: 'team-ops' } };
  const known = {
    ...{ teams: [], gitSyncs: [], dlpPolicies: [], recordingPolicies: [], sessionPolicies: [] },
    sessions: [waiting] as never,
    quotas: [{ metadata: { name: 'q', namespace: 'streamspace' } }, { metadata: { name: 'other', namespace: 'team-ops' } }],
  };
  const names = (before: object, after: object): readonly string[] =>
    wokenBy(RESOURCES.sessions, object(after, '3'), object(before, '2'), known)
      .filter(({ kind }) => kind === 'Quota' || kind === 'Session')
      .map(({ kind, key }) => `${kind} ${key.namespace}/${key.name}`);
  const admission = { at: '', running: true, cpu: '1', memory: '1Gi', storage: '1Gi' };
  expect(names({ admission }, { admission: { ...admission, running: false } })).toEqual([
    'Quota streamspace/q',
    'Session team-ops/w',
  ]);
  expect(names({ ...waits, message: 'a' }, { ...waits, message: 'b' })).toEqual([]);
});
