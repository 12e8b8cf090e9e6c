import { describe, expect, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import type { RecordingPolicy } from '../../schemas/kinds/policies/recording-policy.ts';
import type { Session, SessionStatus } from '../../schemas/kinds/sessions/session.ts';
import { policy, recordingPolicy } from '../policies/fixtures.ts';
import { wokenBy } from './wake.ts';

const base = (
  resource: Resource,
  namespace: string,
  name: string,
  fields: object = {},
  metadata: object = {},
): KubeObjectJson => ({
  apiVersion: 'v1',
  kind: resource.kind,
  metadata: { namespace, name, uid: `uid-${name}`, generation: 1, resourceVersion: '1', ...metadata },
  ...fields,
});
const session = (
  path: string,
  status: SessionStatus = {},
  metadata: object = {},
  template = 'terminal',
): Session & KubeObjectJson => {
  const [namespace = '', name = ''] = path.split('/');
  return {
    ...base(RESOURCES.sessions, namespace, name, {}, metadata),
    spec: { template, owner: 'member', desiredState: 'Running' },
    status,
  };
};
const changed = (object: KubeObjectJson, fields: object, metadata: object = {}): KubeObjectJson => ({
  ...object,
  ...fields,
  metadata: { ...object.metadata, resourceVersion: '2', ...metadata },
});
const effective = (...policies: readonly (readonly [uid: string, revision?: string])[]): object => ({
  effectivePolicy: {
    hash: policies.join(),
    policies: policies.map(([uid, revision]) => ({ kind: 'DlpPolicy', uid, namespace: 'streamspace', name: uid, revision })),
  },
});

interface Around {
  readonly before?: KubeObjectJson;
  readonly sessions?: readonly Session[];
  readonly policies?: readonly DlpPolicy[];
  readonly recordings?: readonly RecordingPolicy[];
}

/** Only what this file is about. */
function names(
  resource: Resource,
  object: KubeObjectJson,
  { before, sessions = [], policies = [], recordings = [] }: Around = {},
): readonly string[] {
  const known = {
    sessions,
    teams: [],
    gitSyncs: [],
    dlpPolicies: policies,
    sessionPolicies: [],
    recordingPolicies: recordings,
  };
  return wokenBy(resource, object, before, known)
    .filter(({ kind }) => kind.endsWith('Policy'))
    .map(({ kind, key }) => `${kind} ${key.namespace ?? ''}/${key.name}`);
}

const SESSIONS = [session('team-web/a'), session('team-web/b', {}, {}, 'firefox'), session('team-ops/c')];

describe('a policy', () => {
  const of = (namespace: string): KubeObjectJson => base(RESOURCES.dlpPolicies, namespace, 'p', { spec: {} });

  test('of the system namespace wakes every session, one of a team its own', () => {
    expect(names(RESOURCES.dlpPolicies, of('streamspace'), { sessions: SESSIONS })).toEqual([
      'DlpPolicy streamspace/p',
      'EffectivePolicy team-web/a',
      'EffectivePolicy team-web/b',
      'EffectivePolicy team-ops/c',
    ]);
    expect(names(RESOURCES.dlpPolicies, of('team-ops'), { sessions: SESSIONS })).toEqual([
      'DlpPolicy team-ops/p',
      'EffectivePolicy team-ops/c',
    ]);
  });

  test('wakes nobody when only its status has changed', () => {
    const before = of('streamspace');
    expect(names(RESOURCES.dlpPolicies, changed(before, { status: { sessions: 3 } }), { before, sessions: SESSIONS })).toEqual(
      [],
    );
    expect(names(RESOURCES.dlpPolicies, changed(before, {}, { generation: 2 }), { before, sessions: SESSIONS })).toHaveLength(4);
  });
});

test('a session policy wakes itself, not what is written of it in a session, and the sessions that it reaches', () => {
  const own = base(RESOURCES.sessionPolicies, 'team-ops', 'p', { spec: {} });
  expect(names(RESOURCES.sessionPolicies, own, { sessions: SESSIONS })).toEqual([
    'SessionPolicy team-ops/p',
    'EffectivePolicy team-ops/c',
  ]);
});

test('a recording policy wakes itself and the sessions that it reaches, and is woken when its namespace comes to a team', () => {
  const own = base(RESOURCES.recordingPolicies, 'team-web', 'p', { spec: {} });
  expect(names(RESOURCES.recordingPolicies, own, { sessions: SESSIONS })).toEqual([
    'RecordingPolicy team-web/p',
    'EffectivePolicy team-web/a',
    'EffectivePolicy team-web/b',
  ]);
  expect(names(RESOURCES.recordingPolicies, changed(own, { status: {} }), { before: own, sessions: SESSIONS })).toEqual([]);
  const namespace = { ...base(RESOURCES.namespaces, '', 'team-web'), metadata: { name: 'team-web', resourceVersion: '1' } };
  const recordings = [recordingPolicy('team-web/p'), recordingPolicy('streamspace/q')];
  expect(names(RESOURCES.namespaces, namespace, { recordings })).toEqual(['RecordingPolicy team-web/p']);
});

describe('a session', () => {
  test('is woken when it is new, has other labels or another template, and not by the rest of its status', () => {
    const before = session('team-web/a', { phase: 'Starting' });
    const woken = (object: KubeObjectJson): readonly string[] => names(RESOURCES.sessions, object, { before });
    expect(names(RESOURCES.sessions, before)).toEqual(['EffectivePolicy team-web/a']);
    expect(woken(changed(before, { status: { phase: 'Running', pod: 'a-0' } }))).toEqual([]);
    expect(woken(changed(before, {}, { labels: { tier: 'x' } }))).toEqual(['EffectivePolicy team-web/a']);
    const started = { phase: 'Starting', templateRef: { namespace: 'streamspace', name: 'terminal' } };
    expect(woken(changed(before, { status: started }))).toEqual(['EffectivePolicy team-web/a']);
  });

  test('is woken when somebody takes its policy away, and so are the policies that count it', () => {
    const before = session('team-web/a', effective(['p'], ['q']));
    expect(names(RESOURCES.sessions, changed(before, { status: {} }), { before })).toEqual([
      'EffectivePolicy team-web/a',
      'DlpPolicy streamspace/p',
      'DlpPolicy streamspace/q',
    ]);
    const one = changed(before, { status: effective(['q'], ['r']) });
    expect(names(RESOURCES.sessions, one, { before }).slice(1)).toEqual(['DlpPolicy streamspace/p', 'DlpPolicy streamspace/r']);
  });

  test('that ends is counted no more', () => {
    const before = session('team-web/a', effective(['p']));
    expect(names(RESOURCES.sessions, before)).toContain('DlpPolicy streamspace/p');
    const over = changed(before, { status: { ...effective(['p']), phase: 'Terminated' } });
    expect(names(RESOURCES.sessions, over, { before })).toEqual(['DlpPolicy streamspace/p']);
  });
});

test('a template wakes the sessions that it may be the template of, for its labels too', () => {
  const templateRef = {
    ...{ namespace: 'team-ops', name: 'terminal', uid: 'u', generation: 1 },
    displayName: 'Terminal',
    icon: 'x',
  };
  const running = session('team-ops/d', { templateRef }, {}, 'streamspace/firefox');
  const sessions = [...SESSIONS, running];
  const of = (namespace: string): KubeObjectJson => base(RESOURCES.templates, namespace, 'terminal', { spec: {} });
  expect(names(RESOURCES.templates, of('streamspace'), { sessions })).toEqual([
    'EffectivePolicy team-web/a',
    'EffectivePolicy team-ops/c',
  ]);
  expect(names(RESOURCES.templates, of('team-ops'), { sessions })).toEqual([
    'EffectivePolicy team-ops/c',
    'EffectivePolicy team-ops/d',
  ]);
  const before = of('team-ops');
  const labelled = changed(before, {}, { labels: { tier: 'x' } });
  expect(names(RESOURCES.templates, labelled, { before, sessions })).toHaveLength(2);
  expect(names(RESOURCES.templates, changed(before, { status: {} }), { before, sessions })).toEqual([]);
});

test('a namespace that comes to a team, or leaves it, wakes what is in it', () => {
  const namespace: KubeObjectJson = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team-web', uid: 'n', resourceVersion: '1', labels: { 'streamspace.io/team': 'web' } },
  };
  const policies = [policy('team-web/p'), policy('streamspace/q')];
  const woken = ['EffectivePolicy team-web/a', 'EffectivePolicy team-web/b', 'DlpPolicy team-web/p'];
  expect(names(RESOURCES.namespaces, namespace, { sessions: SESSIONS, policies })).toEqual(woken);
  const relabelled = changed(namespace, {}, { labels: { 'streamspace.io/team': 'ops' } });
  expect(names(RESOURCES.namespaces, relabelled, { before: namespace, sessions: SESSIONS, policies })).toEqual(woken);
  expect(names(RESOURCES.namespaces, changed(namespace, {}), { before: namespace, sessions: SESSIONS, policies })).toEqual([]);
});

test('a sync that has ended wakes the sessions that wait for the commit of a policy that it applied', () => {
  const plain = policy('streamspace/p');
  const applied = {
    ...plain,
    metadata: { ...plain.metadata, uid: 'p', annotations: { 'streamspace.io/gitsync': 'streamspace/platform' } },
  };
  const policies = [applied, policy('streamspace/by-hand')];
  const sessions = [
    session('team-web/waits', effective(['p'])),
    session('team-web/knows', effective(['p', 'a'.repeat(40)])),
    session('team-web/other', effective(['uid-streamspace/by-hand'])),
  ];
  const before = base(RESOURCES.gitSyncs, 'streamspace', 'platform', { status: { revision: 'a' } });
  const after = changed(before, { status: { revision: 'b' } });
  expect(names(RESOURCES.gitSyncs, after, { before, sessions, policies })).toEqual(['EffectivePolicy team-web/waits']);
  const attempt = changed(before, { status: { revision: 'a', attempted: 'b' } });
  expect(names(RESOURCES.gitSyncs, attempt, { before, sessions, policies })).toEqual([]);
});
