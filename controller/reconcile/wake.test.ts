import { expect, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Session, SessionPhase } from '../../schemas/kinds/sessions/session.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import { wokenBy } from './wake.ts';

const base = (kind: string, metadata: object, fields: object = {}): KubeObjectJson => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', ...metadata },
  ...fields,
});
const session = (name: string, phase: SessionPhase | undefined, template = 'terminal'): Session & KubeObjectJson => ({
  ...base('Session', { name, namespace: 'team-web' }),
  spec: { template, owner: 'member', desiredState: 'Running' },
  status: phase === undefined ? {} : { phase },
});
const team = (metadata: object = {}): Team & KubeObjectJson => ({
  ...base('Team', { name: 'web', ...metadata }),
  spec: { displayName: 'Web', members: [] },
});

const names = (
  resource: Resource,
  object: KubeObjectJson,
  options: { before?: KubeObjectJson; sessions?: readonly Session[]; teams?: readonly Team[] } = {},
): readonly string[] =>
  wokenBy(resource, object, options.before, {
    sessions: options.sessions ?? [],
    teams: options.teams ?? [],
    gitSyncs: [],
    dlpPolicies: [],
    recordingPolicies: [],
    sessionPolicies: [],
  })
    .filter(({ kind }) => kind !== 'EffectivePolicy') // wake-policies.test.ts
    .map(({ kind, key }) => `${kind} ${key.namespace ?? ''}/${key.name}`);

test('a new wish wakes its reconciler, our own status does not', () => {
  const object = base('Session', { namespace: 'a', uid: 'u', generation: 1, resourceVersion: '1' });
  const { metadata } = object;
  expect(names(RESOURCES.sessions, object)).toEqual(['Session a/x', 'SessionLifetime a/x']);
  const status = { ...object, metadata: { ...metadata, resourceVersion: '2' } };
  expect(names(RESOURCES.sessions, status, { before: object })).toEqual([]);
  const wish = { ...object, metadata: { ...metadata, generation: 2, resourceVersion: '3' } };
  expect(names(RESOURCES.sessions, wish, { before: status })).toEqual(['Session a/x', 'SessionLifetime a/x']);
  const deleting = { ...wish, metadata: { ...wish.metadata, deletionTimestamp: 'now', resourceVersion: '4' } };
  expect(names(RESOURCES.sessions, deleting, { before: wish })).toEqual(['Session a/x', 'SessionLifetime a/x']);
});

test('a GitSync is woken by the annotation that asks for a sync, not by others', () => {
  const at = (annotations: object, resourceVersion: string): KubeObjectJson =>
    base('GitSync', { namespace: 'a', uid: 'u', generation: 1, resourceVersion, annotations });
  const before = at({}, '1');
  expect(names(RESOURCES.gitSyncs, at({ note: 'x' }, '2'), { before })).toEqual([]);
  expect(names(RESOURCES.gitSyncs, at({ 'streamspace.io/sync-requested-at': 'now' }, '2'), { before })).toEqual(['GitSync a/x']);
});

test.each([RESOURCES.pods, RESOURCES.statefulSets, RESOURCES.persistentVolumeClaims, RESOURCES.secrets, RESOURCES.roles])(
  '$kind of a session wakes it',
  (resource) => {
    const labels = { 'streamspace.io/session': 'one' };
    expect(names(resource, base(resource.kind, { namespace: 'a', labels }))).toEqual(['Session a/one']);
  },
);

test('a template wakes the sessions that wait for it, by its full name too, and no others', () => {
  const sessions = [
    session('waits', 'Failed'),
    session('runs', 'Running'),
    session('other', 'Failed', 'firefox'),
    session('full', 'Failed', 'streamspace/terminal'),
  ];
  const template = base('Template', { name: 'terminal', namespace: 'streamspace' });
  expect(names(RESOURCES.templates, template, { sessions })).toEqual([
    'Template streamspace/terminal',
    'Session team-web/waits',
    'Session team-web/full',
  ]);
});

test('a namespace wakes the team that waits for its name, and the sessions that wait in it', () => {
  const namespace = base('Namespace', { name: 'team-web' });
  const sessions = [session('pending', 'Pending'), session('runs', 'Running')];
  expect(names(RESOURCES.namespaces, namespace, { sessions, teams: [team()] })).toEqual([
    'Team /web',
    'Session team-web/pending',
  ]);
});

test('the end of a session wakes the team that is being deleted, and only then', () => {
  const ended = session('one', 'Running');
  expect(names(RESOURCES.sessions, ended, { teams: [team({ deletionTimestamp: 'now' })] })).toContain('Team /web');
  expect(names(RESOURCES.sessions, ended, { teams: [team()] })).toEqual(['Session team-web/one', 'SessionLifetime team-web/one']);
});

test('an event about a StatefulSet wakes the session of the same name', () => {
  const event = base('Event', { namespace: 'a' }, { involvedObject: { namespace: 'a', name: 'one', kind: 'StatefulSet' } });
  expect(names(RESOURCES.events, event)).toEqual(['Session a/one']);
});

test('a network profile of the system wakes every team, one in the namespace of a team that team', () => {
  const teams = [team(), team({ name: 'ops' })];
  const at = (namespace: string): KubeObjectJson => base('NetworkProfile', { name: 'internet', namespace });
  const woken = (namespace: string): readonly string[] => names(RESOURCES.networkProfiles, at(namespace), { teams });
  expect(woken('streamspace')).toEqual(expect.arrayContaining(['Team /web', 'Team /ops']));
  expect(woken('team-ops')).toContain('Team /ops');
  expect(woken('team-ops')).not.toContain('Team /web');
});

test('a fact of its use wakes the lifetime of a session, and nothing else of it', () => {
  const before = session('one', 'Running');
  const used = {
    ...before,
    metadata: { ...before.metadata, resourceVersion: '9' },
    status: { phase: 'Running', activity: { inputAt: '2026-03-02T09:00:00Z' } },
  } as KubeObjectJson;
  expect(
    names(RESOURCES.sessions, used, { before: { ...before, metadata: { ...before.metadata, resourceVersion: '8' } } }),
  ).toEqual(['SessionLifetime team-web/one']);
});
