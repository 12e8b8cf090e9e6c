import * as fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { QuotaSpec } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/session.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { NO_QUOTA_METRICS } from '../quota/quota-metrics.ts';
import type { CacheOfAll } from '../wanted.ts';
import { Admitter } from './admitter.ts';
import { createSessionReconciler, type SessionPorts } from './session.ts';

const NAMESPACE = 'team-web';
const SECOND = 1_000;
type QuotaWish = Pick<QuotaSpec, 'scope' | 'limits'>;
const log = pino({ level: 'silent' });

/** A team with a template of 1 CPU and whatever quotas; its clock moves with every look. */
function world(...quotas: readonly QuotaWish[]) {
  const cluster = memoryCluster();
  const { put, read } = cluster;
  let time = Date.parse('2026-01-01T00:00:00Z');
  const ports = (client: SessionPorts['client'], cache: CacheOfAll): SessionPorts => {
    const now = (): Date => {
      time += 1;
      return new Date(time);
    };
    return {
      ...{ client, cache, now },
      events: { record: () => undefined, flush: async () => undefined },
      probe: async () => false,
      refusalOf: () => undefined,
      admitter: new Admitter({ cache, now, metrics: NO_QUOTA_METRICS }),
    };
  };
  put(RESOURCES.namespaces, { metadata: { name: NAMESPACE, labels: { 'streamspace.io/team': 'web' } } });
  put(RESOURCES.networkPolicies, { metadata: { name: 'streamspace-default-deny', namespace: NAMESPACE } });
  const putTemplate = (cpu = '1'): void =>
    void put(RESOURCES.templates, {
      metadata: { name: 'terminal', namespace: 'streamspace', generation: 1 },
      spec: { displayName: 'Terminal', image: 'x', resources: { cpu, memory: '1Gi' }, home: { size: '1Gi' } },
    });
  putTemplate();
  const putQuota = (spec: object, name = 'base'): void =>
    void put(RESOURCES.quotas, { metadata: { name, namespace: 'streamspace' }, spec: { warnAt: [], ...spec } });
  for (const spec of quotas) putQuota(spec);
  const session = (name: string): Session => read<Session>(RESOURCES.sessions, NAMESPACE, name) ?? expect.unreachable(name);
  const all = (): readonly Session[] => [...cluster.cache.all<Session>(RESOURCES.sessions)];
  return {
    ...cluster,
    ports,
    putTemplate,
    putQuota,
    session,
    all,
    pass: (ms: number): void => {
      time += ms;
    },
    add: (name: string, second = 0, owner = 'member') =>
      put(RESOURCES.sessions, {
        metadata: {
          name,
          namespace: NAMESPACE,
          generation: 1,
          creationTimestamp: new Date(Date.parse('2026-01-01T00:00:00Z') + second * SECOND).toISOString(),
        },
        spec: { template: 'terminal', owner, desiredState: 'Running' },
      }),
    wish: (name: string, desiredState: string) =>
      put(RESOURCES.sessions, {
        ...session(name),
        metadata: { ...session(name).metadata },
        spec: { ...session(name).spec, desiredState },
      }),
    admitted: () =>
      all()
        .filter(({ status }) => status?.admission?.running === true)
        .map(({ metadata }) => metadata.name),
    desktops: () => [...cluster.cache.all(RESOURCES.statefulSets)].length,
  };
}

/** With one controller whose cache is always up to date. */
function settled(...quotas: readonly QuotaWish[]) {
  const given = world(...quotas);
  const reconciler = createSessionReconciler(given.ports(given.client, given.cache));
  const reconcile = async (...names: readonly string[]): Promise<void> => {
    for (const name of names)
      await reconciler.reconcile({ namespace: NAMESPACE, name }, { signal: new AbortController().signal, log });
  };
  return { ...given, reconcile };
}

/** A cache that is told of sessions when the test says so, and a client that a killed process cannot use any more. */
function process(given: ReturnType<typeof world>, random: (below: number) => number) {
  const shown = new Map<string, Session>(given.all().map((session) => [session.metadata.name, session]));
  let killed = false;
  const isSession = (resource: Resource): boolean => resource.plural === RESOURCES.sessions.plural;
  const cache: CacheOfAll = {
    find: <T>(resource: Resource, namespace: string | undefined, name: string) =>
      isSession(resource) ? (shown.get(name) as T | undefined) : given.cache.find<T>(resource, namespace, name),
    list: given.cache.list,
    all: <T>(resource: Resource) =>
      isSession(resource) ? ([...shown.values()] as readonly unknown[] as readonly T[]) : given.cache.all<T>(resource),
  };
  /** Every request takes its time, before and after the server has done it; a kill may come in between. */
  const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let turn = random(4); turn > 0; turn -= 1) await Promise.resolve();
    if (killed) throw new Error('killed');
    const result = await work();
    for (let turn = random(4); turn > 0; turn -= 1) await Promise.resolve();
    if (killed) throw new Error('killed');
    return result;
  };
  const client: SessionPorts['client'] = {
    find: async (...args) => await slowly(async () => await given.client.find(...args)),
    create: async (...args) => await slowly(async () => await given.client.create(...args)),
    apply: async (...args) =>
      await slowly(async () => {
        await given.client.apply(...args);
        if (given.admitted().length > 10 || given.desktops() > 10) expect.fail('more than there is room for');
        return undefined as never;
      }),
    mergePatch: async (...args) => await slowly(async () => await given.client.mergePatch(...args)),
    delete: async (...args) => await slowly(async () => await given.client.delete(...args)),
  };
  const reconciler = createSessionReconciler(given.ports(client, cache));
  return {
    reconcile: async (name: string) =>
      await reconciler
        .reconcile({ namespace: NAMESPACE, name }, { signal: new AbortController().signal, log })
        .catch((error: unknown) => {
          if (!killed) throw error;
        }),
    show: (name: string): void => {
      const session = given.read<Session>(RESOURCES.sessions, NAMESPACE, name);
      if (session !== undefined) shown.set(name, session);
    },
    kill: (): void => {
      killed = true;
    },
  };
}

/** Deterministic numbers of one seed (Mulberry32). */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test('P-04-1 200 sessions at once with room for 10, a hundred times, in any order, with a late watch and killed controllers: exactly 10', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = numbersOf(seed);
      const given = world({ scope: 'Platform', limits: { cpu: '10' } });
      const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
      let controller = process(given, random);
      const left = [...names];
      while (left.length > 0) {
        const batch = Array.from({ length: 1 + random(32) }, () => left.splice(random(left.length), 1)).flat();
        // Creation times are whole seconds, and of several API servers: what the watch tells first need not be the eldest.
        for (const name of batch) {
          if (given.read(RESOURCES.sessions, NAMESPACE, name) === undefined) given.add(name, random(3));
          controller.show(name);
        }
        const running = batch.map((name) => controller.reconcile(name));
        for (let turn = random(12); turn > 0; turn -= 1) await Promise.resolve();
        const dies = random(6) === 0;
        if (dies) controller.kill();
        await Promise.all(running);
        if (dies) {
          controller = process(given, random); // it lists everything first
          left.push(...batch);
        } else for (const name of batch) if (random(3) === 0) controller.show(name);
      }
      const last = process(given, random);
      for (const name of names) {
        await last.reconcile(name);
        last.show(name);
      }
      expect(given.admitted()).toHaveLength(10);
      expect(given.desktops()).toBe(10);
      expect(given.all().filter(({ status }) => status?.phase === 'Pending' && status.reason === 'QuotaExceeded')).toHaveLength(
        190,
      );
    }),
    { numRuns: 100 },
  );
}, 120_000);

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
