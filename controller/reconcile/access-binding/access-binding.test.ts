import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { AccessBinding, AccessBindingSpec } from '../../../schemas/kinds/access/access-binding.ts';
import type { AccessRoleSpec } from '../../../schemas/kinds/access/access-role.ts';
import { createAccessRoleReconciler } from '../access-role/access-role.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createAccessBindingReconciler } from './access-binding.ts';

const START = '2027-03-01T08:00:00Z';
const END = '2027-03-05T18:00:00Z';
const HOUR_MS = 3_600_000;

function world(spec: Partial<AccessBindingSpec> = {}, namespace = 'streamspace') {
  const cluster = memoryCluster();
  let time = Date.parse('2027-02-01T00:00:00Z');
  const told: string[] = [];
  const audited: AuditEvent[] = [];
  const audit = (event: AuditEvent): void => void audited.push(event);
  const events = { record: (_: unknown, { reason }: { reason: string }) => void told.push(reason), flush: async () => undefined };
  const now = (): Date => new Date(time);
  const reconciler = createAccessBindingReconciler({ client: cluster.client, cache: cluster.cache, events, audit, now });
  const roles = createAccessRoleReconciler({ client: cluster.client, cache: cluster.cache, now });
  const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  const members = [
    { user: 'lead', role: 'admin' },
    { group: 'guests', role: 'viewer' },
  ];
  cluster.put(RESOURCES.teams, { metadata: { name: 'web' }, spec: { displayName: 'Web', members } });
  cluster.put(RESOURCES.roles, { metadata: { name: 'streamspace-team-viewer', namespace: 'team-web' } });
  const put = (changes: Partial<AccessBindingSpec>): void =>
    void cluster.put(RESOURCES.accessBindings, {
      metadata: { name: 'b', namespace, uid: '12345678-90', generation: 1 },
      spec: { subject: { user: 'guest' }, roleRef: 'viewer', scope: { team: 'web' }, reason: 'test', ...spec, ...changes },
    });
  put({});
  const read = () => cluster.read<AccessBinding>(RESOURCES.accessBindings, namespace, 'b');
  const madeOf = (resource: (typeof RESOURCES)['roles' | 'roleBindings' | 'clusterRoleBindings']): readonly KubeObjectJson[] =>
    [...cluster.cache.all<KubeObjectJson>(resource)].filter(({ metadata }) => metadata.labels !== undefined);
  return {
    ...cluster,
    told,
    audited,
    put,
    read,
    ready: () => findCondition(read()?.status?.conditions, 'Ready'),
    bindings: () => madeOf(RESOURCES.roleBindings),
    everywhere: () => madeOf(RESOURCES.clusterRoleBindings),
    roles: () => madeOf(RESOURCES.roles),
    session: (name: string): void =>
      void cluster.put(RESOURCES.sessions, { metadata: { name, namespace: 'team-web' }, spec: {} }),
    team: (name: string): void => void cluster.put(RESOURCES.teams, { metadata: { name }, spec: { displayName: name } }),
    removed: (): void =>
      void cluster.put(RESOURCES.accessBindings, { ...read(), metadata: { ...read()?.metadata, deletionTimestamp: START } }),
    at: (text: string): void => {
      time = Date.parse(text);
    },
    role: async (name: string, role: AccessRoleSpec): Promise<void> => {
      cluster.put(RESOURCES.accessRoles, { metadata: { name, uid: `uid-${name}`, generation: 1 }, spec: role });
      await roles.reconcile({ name }, context);
    },
    reconcile: async () => await reconciler.reconcile({ namespace, name: 'b' }, context),
  };
}

describe('P-01-7 with a start and an end, by the clock', () => {
  test('there is no right before and none after, beginning and end are told, and the edge is waited for', async () => {
    const given = world({ notBefore: START, expiresAt: END });
    given.at('2027-03-01T07:59:59.500Z');
    expect(await given.reconcile()).toEqual({ requeueAfterMs: 500 });
    expect(given.bindings()).toEqual([]);
    expect(given.ready()).toMatchObject({ status: 'False', reason: 'NotStarted' });
    given.at(START);
    await given.reconcile();
    expect(given.bindings()).toMatchObject([
      {
        metadata: { name: 'streamspace:user-guest:viewer:12345678', namespace: 'team-web' },
        roleRef: { kind: 'Role', name: 'streamspace-team-viewer' },
        subjects: [{ kind: 'User', name: 'streamspace:user:guest' }],
      },
    ]);
    expect(given.ready()).toMatchObject({ status: 'True', reason: 'Granted' });
    given.at('2027-03-05T17:59:59.999Z');
    expect(await given.reconcile()).toEqual({ requeueAfterMs: 1 });
    expect(given.bindings()).toHaveLength(1);
    given.at(END);
    expect(await given.reconcile()).toEqual({});
    expect(given.bindings()).toEqual([]);
    expect(given.told).toEqual(['NotStarted', 'Granted', 'AccessExpired']);
    expect(given.audited.map(({ type }) => type)).toEqual(['binding.withheld', 'binding.granted', 'binding.expired']);
    expect(given.audited.at(-1)).toEqual({
      type: 'binding.expired',
      actor: null,
      result: 'success',
      object: 'AccessBinding/streamspace/b',
      details: {
        ...{ role: 'viewer', subject: 'user guest', scope: 'team web', because: 'test' },
        ...{ notBefore: START, expiresAt: END },
      },
    });
    await given.reconcile();
    expect(given.audited).toHaveLength(3);
    given.removed();
    await given.reconcile();
    expect(given.audited.at(-1)).toMatchObject({ type: 'binding.removed' });
  });

  test('a clock that is set forward or back is noticed: it is read again soon, and what it says then holds', async () => {
    const given = world({ notBefore: START, expiresAt: END });
    const { requeueAfterMs = Number.POSITIVE_INFINITY } = await given.reconcile();
    expect(requeueAfterMs).toBeLessThan(HOUR_MS / 60);
    given.at('2030-01-01T00:00:00Z');
    await given.reconcile();
    expect(given.ready()).toMatchObject({ reason: 'AccessExpired' });
    given.at(START);
    await given.reconcile();
    expect(given.bindings()).toHaveLength(1);
    given.at('2027-01-01T00:00:00Z');
    await given.reconcile();
    expect(given.bindings()).toEqual([]);
  });

  test('a second look writes nothing', async () => {
    const given = world();
    await given.reconcile();
    const { length } = given.writes;
    await given.reconcile();
    expect(given.writes.slice(length)).toEqual([]);
  });
});

test('the members of a team have it as long as they are members, with the role that is asked for', async () => {
  const given = world({ subject: { team: { name: 'web', role: 'viewer' } } });
  await given.reconcile();
  expect(given.bindings()[0]?.['subjects']).toMatchObject([{ kind: 'Group', name: 'streamspace:group:guests' }]);
  given.put({ subject: { team: { name: 'web', role: 'auditor' } } });
  await given.reconcile();
  expect(given.bindings()).toEqual([]);
});

test('on the whole platform it is a ClusterRoleBinding, of a role of ours or of an AccessRole with what it inherits', async () => {
  const given = world({ scope: { platform: true }, roleRef: 'auditor' });
  await given.reconcile();
  expect(given.everywhere()).toMatchObject([{ roleRef: { kind: 'ClusterRole', name: 'streamspace-auditor' } }]);
  await given.role('watcher', { rules: [], inherits: ['viewer'], assignableAt: ['Platform'] });
  given.put({ scope: { platform: true }, roleRef: 'watcher' });
  await given.reconcile();
  expect(given.everywhere()).toMatchObject([{ roleRef: { kind: 'ClusterRole', name: 'streamspace:role:watcher' } }]);
});

test('on one session it is a Role for that name, without what knows no names, once the session is there', async () => {
  const given = world({ scope: { session: { namespace: 'team-web', name: 'demo' } } });
  await given.reconcile();
  expect(given.ready()).toMatchObject({ reason: 'AccessTargetNotFound' });
  given.session('demo');
  await given.reconcile();
  expect(given.roles()).toMatchObject([
    { rules: [{ resources: ['sessions'], resourceNames: ['demo'], verbs: ['connect', 'get', 'observe'] }] },
  ]);
  expect(given.bindings()).toMatchObject([{ roleRef: { kind: 'Role', name: given.roles()[0]?.metadata.name } }]);
});

describe('P-01-3 in the namespace of a team', () => {
  test('a role that has become more than an admin of the team has gives nothing, and the message names what', async () => {
    const given = world({ roleRef: 'keeper' }, 'team-web');
    await given.role('keeper', { rules: [{ resources: ['recordings'], verbs: ['get'] }], inherits: [], assignableAt: ['Team'] });
    await given.reconcile();
    expect(given.bindings()).toHaveLength(1);
    await given.role('keeper', {
      rules: [{ resources: ['recordings'], verbs: ['get', 'delete', 'hold'] }],
      inherits: [],
      assignableAt: ['Team'],
    });
    await given.reconcile();
    expect(given.bindings()).toEqual([]);
    expect(given.ready()).toMatchObject({ reason: 'AccessTooWide' });
    expect(given.ready()?.message).toContain('delete recordings, hold recordings');
  });

  test.each([
    ['the whole platform', { scope: { platform: true }, roleRef: 'auditor' }],
    ['another team', { scope: { team: 'ops' } }],
  ] as const)('a binding for %s gives nothing', async (_what, spec) => {
    const given = world(spec, 'team-web');
    given.team('ops');
    await given.reconcile();
    expect(given.ready()).toMatchObject({ status: 'False' });
    expect([...given.bindings(), ...given.everywhere()]).toEqual([]);
  });
});

test('a role that inherits from itself gives nothing any more', async () => {
  const given = world({ roleRef: 'a' });
  await given.role('a', { rules: [], inherits: ['viewer'], assignableAt: ['Team'] });
  await given.reconcile();
  expect(given.bindings()).toHaveLength(1);
  await given.role('a', { rules: [], inherits: ['a'], assignableAt: ['Team'] });
  await given.reconcile();
  expect(given.bindings()).toEqual([]);
  expect(given.read()?.status?.conditions).toMatchObject([{ reason: 'AccessRoleCycle' }]);
  expect(given.read()?.status?.subjects).toBe(0);
});

test('it goes with everything that it gave', async () => {
  const given = world();
  await given.reconcile();
  given.removed();
  await given.reconcile();
  expect(given.bindings()).toEqual([]);
  expect(given.read()).toBeUndefined();
});
