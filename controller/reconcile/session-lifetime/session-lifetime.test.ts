import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { EventText } from '../../../runtime/kube/events.ts';
import { KubeStatusError } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { MergedLifetime } from '../../../schemas/kinds/policies/lifetime-rules.ts';
import type { Session, SessionStatus } from '../../../schemas/kinds/sessions/session.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createSessionLifetimeReconciler } from './session-lifetime.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const NAMESPACE = 'team-web';
const at = (seconds: number): string => new Date(START + 1_000 * seconds).toISOString();
const IDLE: MergedLifetime = {
  idle: { afterSeconds: 600, action: 'Hibernate', warnSeconds: 60, snoozes: { max: 2, seconds: 300 } },
};

function world(policy: MergedLifetime, status: SessionStatus = {}) {
  const cluster = memoryCluster();
  const told: EventText[] = [];
  let now = START;
  const create = () =>
    createSessionLifetimeReconciler({
      client: {
        ...cluster.client,
        mergePatch: async (...args) => {
          given.beforePatch?.();
          return await cluster.client.mergePatch(...args);
        },
      },
      cache: cluster.cache,
      events: { record: (_subject, event) => void told.push(event), flush: async () => undefined },
      now: () => new Date(now),
    });
  let reconciler = create();
  const effectivePolicy = { hash: '', policies: [], origins: [], dlp: {}, lifetime: policy };
  cluster.put(RESOURCES.sessions, {
    metadata: { name: 'one', namespace: NAMESPACE, uid: 'uid-one' },
    spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
    status: { phase: 'Running', startedAt: at(0), runningSince: at(0), ...status },
  });
  // Fields of other writers, as they have them.
  const others = (fields: object): void => {
    const session = cluster.read(RESOURCES.sessions, NAMESPACE, 'one') ?? expect.unreachable();
    cluster.put(RESOURCES.sessions, {
      ...session,
      status: { ...(session['status'] ?? {}), ...fields },
      metadata: { ...session.metadata },
    });
  };
  others({ effectivePolicy });
  const given = {
    beforePatch: undefined as (() => void) | undefined,
    ...{ told, others, writes: cluster.writes, failNext: cluster.failNext },
    session: () => cluster.read<Session>(RESOURCES.sessions, NAMESPACE, 'one') ?? expect.unreachable('it is there'),
    restart: (): void => {
      reconciler = create();
    },
    reconcileAt: async (seconds: number) => {
      now = START + 1_000 * seconds;
      const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
      return await reconciler.reconcile({ namespace: NAMESPACE, name: 'one' }, context);
    },
  };
  return given;
}

test('a session is told of, hibernated when its time has come also by a controller that has just started, and says why', async () => {
  const given = world(IDLE);
  expect(await given.reconcileAt(1)).toEqual({ requeueAfterMs: 539_000 });
  expect(given.session().status?.lifetime).toEqual({ next: { action: 'Hibernate', at: at(600), reason: 'Idle' } });
  await given.reconcileAt(2);
  expect(given.writes).toEqual(['apply Session one/status']);

  await given.reconcileAt(540);
  expect(given.session().status).toMatchObject({
    phase: 'Running',
    conditions: [{ type: 'EndsSoon', status: 'True', reason: 'Idle' }],
    lifetime: { warned: [{ reason: 'Idle', since: at(540) }] },
  });
  given.restart();
  await given.reconcileAt(599);
  expect(given.session().spec.desiredState).toBe('Running');
  await given.reconcileAt(600);
  expect(given.session().spec.desiredState).toBe('Hibernated');
  expect(given.session().status?.lifetime?.ended).toEqual({ action: 'Hibernate', reason: 'Idle', at: at(600) });
  await given.reconcileAt(601);
  expect(given.session().status?.lifetime).not.toHaveProperty('next');
  expect(given.session().status).toMatchObject({
    conditions: [{ type: 'EndsSoon', status: 'False' }],
    lifetime: { ended: { action: 'Hibernate', reason: 'Idle', at: at(600) } },
  });
  expect(given.told.map(({ reason }) => reason)).toEqual(['EndsSoon', 'HibernatedByPolicy']);
});

test('a controller that was away for a day warns before it does anything', async () => {
  const given = world(IDLE);
  await given.reconcileAt(86_400);
  expect(given.session().spec.desiredState).toBe('Running');
  expect(given.session().status?.lifetime?.next?.at).toBe(at(86_460));
  await given.reconcileAt(86_460);
  expect(given.session().spec.desiredState).toBe('Hibernated');
});

test('input after a warning takes it back, and a snooze is told with its end', async () => {
  const given = world(IDLE);
  await given.reconcileAt(560);
  given.others({ activity: { snoozedAt: at(570), snoozedBy: 'member', snoozes: 1 } });
  await given.reconcileAt(571);
  expect(given.session().status?.lifetime).toMatchObject({ snoozedUntil: at(870), snoozes: 1, next: { at: at(870) } });
  given.others({ activity: { inputAt: at(580), inputKind: 'Key', snoozedAt: at(570), snoozes: 1 } });
  await given.reconcileAt(581);
  expect(given.session().status?.lifetime).toEqual({
    lastInputAt: at(580),
    lastInputKind: 'Key',
    next: { action: 'Hibernate', at: at(1180), reason: 'Idle' },
  });
  expect(given.session().status?.conditions).toMatchObject([{ type: 'EndsSoon', status: 'False' }]);
  expect(given.told.map(({ reason }) => reason)).toEqual(['EndsSoon', 'Snoozed']);
});

test('a session that was changed while it was judged is left alone, and judged anew: somebody may have typed', async () => {
  const given = world(IDLE);
  await given.reconcileAt(540);
  given.failNext('Session', new KubeStatusError({ statusCode: 409, reason: 'Conflict', message: 'it was changed' }));
  // What was written need not wake anybody, such as hours that were counted.
  expect(await given.reconcileAt(600)).toEqual({ requeueAfterMs: 200 });
  expect(given.session().spec.desiredState).toBe('Running');
  expect(given.session().status?.lifetime?.ended).toBeUndefined();
  await given.reconcileAt(601);
  expect(given.session().spec.desiredState).toBe('Hibernated');
});

test('what comes between the words and the end stops it; of the same end the first time is told', async () => {
  const given = world(IDLE);
  await given.reconcileAt(540);
  given.beforePatch = () => given.others({ usage: { cpuSeconds: 1 } });
  expect(await given.reconcileAt(600)).toEqual({ requeueAfterMs: 200 });
  expect(given.session().spec.desiredState).toBe('Running');
  given.beforePatch = () => given.others({ activity: { inputAt: at(600), inputKind: 'Key' } });
  expect(await given.reconcileAt(601)).toEqual({ requeueAfterMs: 200 });
  given.beforePatch = undefined;
  await given.reconcileAt(602);
  expect(given.session().spec.desiredState).toBe('Running');
  expect(given.session().status?.lifetime).not.toHaveProperty('ended');

  await given.reconcileAt(1_140);
  given.beforePatch = () => given.others({ usage: { cpuSeconds: 2 } });
  await given.reconcileAt(1_200);
  given.beforePatch = undefined;
  given.restart();
  await given.reconcileAt(1_203);
  expect(given.session().spec.desiredState).toBe('Hibernated');
  expect(given.session().status?.lifetime?.ended?.at).toBe(at(1_200));
  expect(given.told.filter(({ reason }) => reason === 'HibernatedByPolicy')).toHaveLength(1);
});
