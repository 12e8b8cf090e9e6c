import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { EventText } from '../../../runtime/kube/events.ts';
import { KubeStatusError } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { Team } from '../../../schemas/kinds/team.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { createTeamReconciler } from './team.ts';

const SIGNAL = new AbortController().signal;

function world() {
  const cluster = memoryCluster();
  const events: EventText[] = [];
  const audited: AuditEvent[] = [];
  const reconciler = createTeamReconciler({
    client: cluster.client,
    cache: cluster.cache,
    events: { record: (_subject, event) => void events.push(event), flush: async () => undefined },
    audit: (event) => void audited.push(event),
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  const put = (fields: Readonly<Record<string, unknown>> = {}, metadata: Readonly<Record<string, unknown>> = {}): void =>
    void cluster.put(RESOURCES.teams, {
      metadata: { name: 'web', uid: 'uid-web', generation: 1, ...metadata },
      spec: { displayName: 'Web', members: [{ user: 'lead', role: 'admin' }], ...fields },
    });
  put();
  return {
    ...cluster,
    events,
    audited,
    putTeam: put,
    reconcile: async () => await reconciler.reconcile({ name: 'web' }, { signal: SIGNAL, log: pino({ level: 'silent' }) }),
    ready: () => cluster.read<Team>(RESOURCES.teams, undefined, 'web')?.status?.conditions?.[0],
    markDeleted: () => {
      const team = cluster.read(RESOURCES.teams, undefined, 'web');
      if (team !== undefined)
        cluster.put(RESOURCES.teams, { ...team, metadata: { ...team.metadata, deletionTimestamp: '2026-01-02T00:00:00Z' } });
      cluster.writes.length = 0;
    },
    putNamespace: (labels: Readonly<Record<string, string>>) =>
      cluster.put(RESOURCES.namespaces, { metadata: { name: 'team-web', labels } }),
    putSession: (name: string, phase: string) =>
      cluster.put(RESOURCES.sessions, { metadata: { name, namespace: 'team-web' }, status: { phase } }),
  };
}

describe('keeping', () => {
  test('a new team gets its namespace first, its policies next, its rights then, and says so', async () => {
    const given = world();
    await given.reconcile();
    expect(given.writes.slice(0, 5)).toEqual([
      'patch Team web',
      'create Namespace team-web',
      'apply Namespace team-web',
      'apply NetworkPolicy streamspace-default-deny',
      'apply NetworkPolicy streamspace-admit-gateway',
    ]);
    expect(given.writes.at(-1)).toBe('apply Team web/status');
    expect(given.ready()).toMatchObject({ status: 'True', reason: 'NamespaceReady', observedGeneration: 1 });
    expect(given.events).toMatchObject([{ type: 'Normal', reason: 'NamespaceReady' }]);
  });

  test('a second call writes nothing', async () => {
    const given = world();
    await given.reconcile();
    given.writes.length = 0;
    await given.reconcile();
    expect(given.writes).toEqual([]);
  });

  test.each([
    [RESOURCES.networkPolicies, 'streamspace-default-deny'],
    [RESOURCES.roles, 'streamspace-team-viewer'],
    [RESOURCES.roleBindings, 'streamspace-team-admin'],
  ])('a deleted $kind is put back, and an event tells of it', async (resource, name) => {
    const given = world();
    await given.reconcile();
    given.drop(resource, 'team-web', name);
    given.writes.length = 0;
    await given.reconcile();
    expect(given.writes).toEqual([`apply ${resource.kind} ${name}`]);
    expect(given.events.at(-1)).toMatchObject({ reason: 'PutBack' });
  });

  test('P-04-10 the policy of a profile is made without a word; deleted by somebody it is put back, and an event says so', async () => {
    const given = world();
    given.putTeam({ defaults: { network: 'internet' } });
    await given.reconcile();
    const metadata = { namespace: 'streamspace', name: 'internet' };
    given.put(RESOURCES.networkProfiles, { metadata, spec: { egress: { mode: 'Internet' } } });
    given.events.length = 0;
    await given.reconcile();
    expect(given.read(RESOURCES.networkPolicies, 'team-web', 'streamspace-network')).toBeDefined();
    expect(given.events).toEqual([]);
    expect(given.audited).toEqual([]);
    given.drop(RESOURCES.networkPolicies, 'team-web', 'streamspace-network');
    await given.reconcile();
    expect(given.read(RESOURCES.networkPolicies, 'team-web', 'streamspace-network')).toBeDefined();
    expect(given.events.map(({ reason }) => reason)).toEqual(['PutBack']);
    const about = {
      type: 'object.restored',
      actor: null,
      result: 'success',
      object: 'NetworkPolicy/team-web/streamspace-network',
    };
    expect(given.audited).toEqual([{ ...about, details: { team: 'web', was: 'deleted' } }]);
    const policy = given.read(RESOURCES.networkPolicies, 'team-web', 'streamspace-network');
    if (policy !== undefined) given.put(RESOURCES.networkPolicies, { ...policy, spec: { egress: [{}] } });
    await given.reconcile();
    expect(given.audited.at(-1)).toEqual({ ...about, details: { team: 'web', was: 'changed' } });
    // Another profile is another wish of ours, and nobody's change.
    given.put(RESOURCES.networkProfiles, { metadata, spec: { egress: { mode: 'Deny' } } });
    await given.reconcile();
    expect(given.audited).toHaveLength(2);
    given.drop(RESOURCES.networkProfiles, 'streamspace', 'internet');
    await given.reconcile();
    expect(given.read(RESOURCES.networkPolicies, 'team-web', 'streamspace-network')).toBeUndefined();
    expect(given.events).toHaveLength(1);
  });

  test('a changed rule is changed back', async () => {
    const given = world();
    await given.reconcile();
    const role = given.read(RESOURCES.roles, 'team-web', 'streamspace-team-viewer');
    if (role !== undefined)
      given.put(RESOURCES.roles, { ...role, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] });
    given.writes.length = 0;
    await given.reconcile();
    expect(given.writes).toEqual(['apply Role streamspace-team-viewer']);
  });

  test('the last member of a role leaves: its binding goes, and a binding that is not ours stays', async () => {
    const given = world();
    await given.reconcile();
    given.put(RESOURCES.roleBindings, {
      metadata: { name: 'of-somebody', namespace: 'team-web', labels: { 'streamspace.io/team': 'web' } },
    });
    given.putTeam({ members: [] }, { generation: 2, finalizers: ['streamspace.io/team'] });
    given.writes.length = 0;
    await given.reconcile();
    expect(given.writes).toEqual(['delete RoleBinding streamspace-team-admin', 'apply Team web/status']);
  });

  test.each([
    ['nobody', {}, 'does not belong to a team'],
    ['another team', { 'streamspace.io/team': 'data' }, 'belongs to team "data"'],
  ])('a namespace of %s is left alone: nothing is written but the reason', async (_who, labels, words) => {
    const given = world();
    given.putNamespace(labels);
    await expect(given.reconcile()).rejects.toMatchObject({ code: 'NamespaceTaken' });
    expect(given.writes).toEqual(['apply Team web/status']);
    expect(given.ready()).toMatchObject({ status: 'False', reason: 'NamespaceTaken', message: expect.stringContaining(words) });
  });

  test('a namespace that an admin labelled for the team is adopted, not created', async () => {
    const given = world();
    given.putNamespace({ 'streamspace.io/team': 'web' });
    await given.reconcile();
    expect(given.writes).not.toContain('create Namespace team-web');
    expect(given.ready()).toMatchObject({ status: 'True' });
    expect(given.read(RESOURCES.namespaces, undefined, 'team-web')?.metadata.annotations).not.toHaveProperty(
      'streamspace.io/created-for',
    );
  });

  test('what the API server refuses stands in the status, and the call fails', async () => {
    const given = world();
    given.failNext('Role', new KubeStatusError({ statusCode: 403, reason: 'Forbidden', message: 'attempting to grant more' }));
    await expect(given.reconcile()).rejects.toThrow('attempting');
    expect(given.ready()).toMatchObject({ status: 'False', reason: 'ClusterRequestFailed', message: 'attempting to grant more' });
  });
});

describe('taking away', () => {
  test('a team with sessions stays, untouched, and names them', async () => {
    const given = world();
    await given.reconcile();
    given.putSession('one', 'Running');
    given.putSession('old', 'Terminated');
    given.markDeleted();
    await given.reconcile();
    expect(given.writes).toEqual(['apply Team web/status']);
    expect(given.ready()).toMatchObject({ reason: 'SessionsRemain', message: '1 session remains: one' });
  });

  test('a namespace that we made goes, and only then the team', async () => {
    const given = world();
    await given.reconcile();
    given.markDeleted();
    await given.reconcile();
    expect(given.writes).toEqual(['delete Namespace team-web', 'apply Team web/status']);
    await given.reconcile();
    expect(given.read(RESOURCES.teams, undefined, 'web')).toBeUndefined();
  });

  test('a namespace that was there before stays; what we made in it goes, the policies last', async () => {
    const given = world();
    given.putNamespace({ 'streamspace.io/team': 'web' });
    await given.reconcile();
    given.markDeleted();
    await given.reconcile();
    expect(given.writes.filter((write) => write.startsWith('delete')).at(-1)).toMatch(/^delete NetworkPolicy/);
    expect(given.read(RESOURCES.namespaces, undefined, 'team-web')).toBeDefined();
    expect(given.cache.list(RESOURCES.roles, 'team-web')).toEqual([]);
    expect(given.read(RESOURCES.teams, undefined, 'web')).toBeUndefined();
  });

  test('a team that never got its namespace goes at once, and leaves that of others alone', async () => {
    const given = world();
    given.putTeam({}, { finalizers: ['streamspace.io/team'] });
    given.putNamespace({ 'streamspace.io/team': 'data' });
    given.markDeleted();
    await given.reconcile();
    expect(given.read(RESOURCES.teams, undefined, 'web')).toBeUndefined();
    expect(given.read(RESOURCES.namespaces, undefined, 'team-web')).toBeDefined();
  });
});
