import { pino } from 'pino';
import { expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { NO_QUOTA_METRICS } from '../quota/quota-metrics.ts';
import { admissionWorld, NAMESPACE, type QuotaWish } from './admission-world.ts';
import { Admitter } from './admitter.ts';
import { createSessionReconciler } from './session.ts';

const log = pino({ level: 'silent' });

/** With one controller whose cache is always up to date. */
function settled(...quotas: readonly QuotaWish[]) {
  const given = admissionWorld(...quotas);
  const reconciler = createSessionReconciler(given.ports(given.client, given.cache));
  const reconcile = async (...names: readonly string[]): Promise<void> => {
    for (const name of names)
      await reconciler.reconcile({ namespace: NAMESPACE, name }, { signal: new AbortController().signal, log });
  };
  return { ...given, reconcile };
}

test('P-04-5 who is not admitted waits as Pending, is told what is missing, and nothing is made for him', async () => {
  const given = settled({ scope: 'Person', limits: { cpu: '2500m' } });
  for (const [second, name] of ['one', 'two', 'three'].entries()) given.add(name, second);
  await given.reconcile('one', 'two');
  given.writes.length = 0;
  await given.reconcile('three');
  expect(given.writes).toEqual(['apply Session three/status']);
  expect(given.session('three').status).toMatchObject({
    phase: 'Pending',
    reason: 'QuotaExceeded',
    message: '2 of 2.5 cpu of member in use, needs 1 (Quota streamspace/base); there is room when some of one, two are stopped',
    conditions: [
      { type: 'Ready', status: 'False', reason: 'QuotaExceeded' },
      { type: 'Admitted', status: 'False', reason: 'QuotaExceeded' },
    ],
  });
  given.writes.length = 0;
  await given.reconcile('three');
  expect(given.writes).toEqual([]);
});

test('P-04-2 a quota lowered below use kills nothing, and nothing new is admitted until there is room again', async () => {
  const given = settled({ scope: 'Platform', limits: { sessionsRunning: 3 } });
  for (const [second, name] of ['one', 'two', 'three', 'four'].entries()) given.add(name, second);
  await given.reconcile('one', 'two', 'three');
  given.putQuota({ scope: 'Platform', limits: { sessionsRunning: 2 } });
  given.writes.length = 0;
  await given.reconcile('one', 'two', 'three');
  expect(given.writes).toEqual([]);
  await given.reconcile('four');
  expect(given.session('four').status).toMatchObject({ phase: 'Pending', reason: 'QuotaExceeded' });
  given.wish('one', 'Terminated');
  await given.reconcile('one', 'one', 'four');
  expect(given.session('one').status).not.toHaveProperty('admission');
  expect(given.session('four').status?.phase).toBe('Pending');
  given.wish('two', 'Terminated');
  given.pass(60_000);
  await given.reconcile('two', 'two', 'four');
  expect(given.session('four').status?.phase).toBe('Starting');
});

test('a hibernated session keeps its home and its place, gives CPU back, and needs room again to resume', async () => {
  const given = settled({ scope: 'Person', limits: { cpu: '1', storage: '2Gi', sessionsTotal: 3 } });
  for (const [second, name] of ['one', 'two', 'three'].entries()) given.add(name, second);
  await given.reconcile('one');
  given.wish('one', 'Hibernated');
  await given.reconcile('one');
  const set = given.read(RESOURCES.statefulSets, NAMESPACE, 'one') as KubeObjectJson;
  given.put(RESOURCES.statefulSets, { ...set, metadata: { ...set.metadata }, status: { replicas: 0 } });
  await given.reconcile('one');
  expect(given.session('one').status).toMatchObject({ phase: 'Hibernated', admission: { running: false, storage: '1Gi' } });
  await given.reconcile('two', 'three');
  expect(given.session('two').status?.phase).toBe('Starting');
  expect(given.session('three').status?.message).toMatch(
    /^1 of 1 cpu of member in use, needs 1 .*; 2Gi of 2Gi storage of member/,
  );
  given.wish('one', 'Running');
  await given.reconcile('one');
  expect(given.session('one').status).toMatchObject({ phase: 'Pending', reason: 'QuotaExceeded', admission: { running: false } });
  given.wish('two', 'Terminated');
  given.pass(60_000);
  // It is the elder of the two that wait.
  await given.reconcile('two', 'two', 'three', 'one');
  expect(given.session('one').status).toMatchObject({ phase: 'Starting', admission: { running: true, storage: '1Gi' } });
  expect(given.session('three').status?.phase).toBe('Pending');
});

test('sessions that ran before there were quotas count, and are not stopped', async () => {
  const given = settled();
  given.add('old');
  await given.reconcile('old');
  const { admission: _admission, ...status } = given.session('old').status ?? {};
  given.drop(RESOURCES.sessions, NAMESPACE, 'old');
  given.add('old');
  const { metadata, ...rest } = given.session('old');
  given.put(RESOURCES.sessions, {
    ...rest,
    metadata: { ...metadata, uid: given.read(RESOURCES.statefulSets, NAMESPACE, 'old')?.metadata.ownerReferences?.[0]?.uid },
    status,
  });
  given.putQuota({ scope: 'Platform', limits: { cpu: '1' } });
  given.add('new', 1);
  await given.reconcile('new');
  expect(given.session('new').status?.reason).toBe('QuotaExceeded');
  await given.reconcile('old');
  expect(given.session('old').status).toMatchObject({ phase: 'Starting', admission: { running: true, cpu: '1', memory: '1Gi' } });
});

test('a template that grows while its session starts needs the room; without it the desktop stays as it was admitted', async () => {
  const given = settled({ scope: 'Platform', limits: { cpu: '2' } });
  given.add('one');
  await given.reconcile('one');
  const cpuOf = (): string | undefined =>
    JSON.stringify(given.read(RESOURCES.statefulSets, NAMESPACE, 'one')).match(/"cpu":"([^"]*)"/)?.[1];
  given.putTemplate('2');
  await given.reconcile('one');
  expect([cpuOf(), given.session('one').status?.admission?.cpu]).toEqual(['2', '2']);
  given.putTemplate('3');
  await given.reconcile('one');
  expect([cpuOf(), given.session('one').status?.admission?.cpu]).toEqual(['2', '2']);
});

test('a session that is gone before it was told of holds no place, though another has its name', () => {
  const given = admissionWorld({ scope: 'Platform', limits: { sessionsRunning: 1 } });
  const { cache } = given;
  const admitter = new Admitter({ cache, now: () => new Date(), metrics: NO_QUOTA_METRICS });
  const template = given.read<Template>(RESOURCES.templates, 'streamspace', 'terminal') ?? expect.unreachable();
  given.add('one');
  expect(admitter.decide(given.session('one'), template).admitted).toBe(true);
  given.drop(RESOURCES.sessions, NAMESPACE, 'one');
  given.add('one', 2);
  given.add('two', 1);
  expect(admitter.decide(given.session('two'), template).admitted).toBe(true);
});

test('a status that cannot be written admits nobody, and the room is free for the next', async () => {
  const given = settled({ scope: 'Platform', limits: { sessionsRunning: 1 } });
  given.add('one');
  given.add('two', 1);
  given.failNext('Session', new Error('no answer'));
  await expect(given.reconcile('one')).rejects.toThrow('no answer');
  expect(given.desktops()).toBe(0);
  given.drop(RESOURCES.sessions, NAMESPACE, 'one');
  await given.reconcile('one', 'two');
  expect(given.admitted()).toEqual(['two']);
});
