import { expect, test } from 'vitest';
import type { AccessBinding, AccessBindingSpec } from '../../schemas/kinds/access/access-binding.ts';
import type { AccessRole, AccessRoleSpec } from '../../schemas/kinds/access/access-role.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { type AccessObjects, type AccessQuestion, explainAccess } from './explain-access.ts';

const NOW = Date.parse('2027-03-02T00:00:00Z');
const head = { apiVersion: API_GROUP_VERSION };

const web: Team = {
  ...head,
  kind: 'Team',
  metadata: { name: 'web' },
  spec: {
    displayName: 'Web',
    members: [
      { user: 'ann', role: 'member' },
      { group: 'guests', role: 'viewer' },
    ],
    machines: [{ name: 'ci', role: 'member' }],
  },
};
const desk: Session = {
  ...head,
  kind: 'Session',
  metadata: { name: 'desk', namespace: 'team-web' },
  spec: { template: 'terminal', owner: 'ann', desiredState: 'Running' },
};
const role = (name: string, spec: Partial<AccessRoleSpec>): AccessRole => ({
  ...head,
  kind: 'AccessRole',
  metadata: { name },
  spec: { rules: [], inherits: [], assignableAt: ['Platform', 'Team', 'Session'], ...spec },
});
const ROLES = [
  role('trainer', { inherits: ['typist'] }),
  role('typist', { rules: [{ resources: ['sessions'], verbs: ['control'] }] }),
];
const binding = (spec: Partial<AccessBindingSpec>): AccessBinding => ({
  ...head,
  kind: 'AccessBinding',
  metadata: { name: 'b', namespace: 'streamspace' },
  spec: { subject: { user: 'bob' }, roleRef: 'trainer', scope: { team: 'web' }, reason: 'a course', ...spec },
});

function explain(question: Partial<AccessQuestion>, bindings: readonly AccessBinding[] = []): readonly string[] {
  const objects: AccessObjects = { teams: [web], roles: ROLES, bindings, sessions: [desk], nowMs: NOW };
  const asked = { user: 'bob', groups: [], verb: 'control', resource: 'sessions', namespace: 'team-web', ...question } as const;
  return explainAccess(objects, asked).map(
    ({ source, holder, inheritance, scope }) =>
      `${source?.kind ?? 'Installation'} ${holder.kind} ${inheritance.join('>')} ${scope}`,
  );
}

test('P-01-5 a member has it from the team, by name or by group', () => {
  expect(explain({ user: 'ann', verb: 'create' })).toEqual(['Team User member namespace team-web']);
  expect(explain({ groups: ['guests'], verb: 'observe' })).toEqual(['Team Group viewer namespace team-web']);
  expect(explain({ groups: ['guests'], verb: 'create' })).toEqual([]);
  expect(explain({ user: 'ann', verb: 'create', namespace: 'team-ops' })).toEqual([]);
});

test('a machine has it from the team that it stands in', () => {
  expect(explain({ user: 'machine:web.ci', verb: 'create' })).toEqual(['Team User member namespace team-web']);
  expect(explain({ user: 'machine:ops.ci', verb: 'create' })).toEqual([]);
});

test('P-01-5 the owner of a session has it by that, for this session alone', () => {
  expect(explain({ user: 'ann', session: 'desk' })).toEqual(['Session User owner session team-web/desk']);
  expect(explain({ user: 'ann', session: 'other' })).toEqual([]);
  expect(explain({ user: 'ann', verb: 'assign', session: 'desk' })).toEqual([]);
});

test('P-01-5 a binding gives it over the path of inheritance, within its scope and time', () => {
  expect(explain({}, [binding({})])).toEqual(['AccessBinding User trainer>typist namespace team-web']);
  expect(explain({}, [binding({ scope: { platform: true } })])).toEqual(['AccessBinding User trainer>typist platform']);
  expect(explain({ namespace: 'team-ops' }, [binding({})])).toEqual([]);
  expect(explain({}, [binding({ expiresAt: '2027-03-02T00:00:00Z' })])).toEqual([]);
  expect(explain({}, [binding({ notBefore: '2027-03-02T00:00:01Z' })])).toEqual([]);
  expect(explain({ user: 'ann' }, [binding({ subject: { team: { name: 'web', role: 'member' } } })])).toHaveLength(1);
});

test('P-01-5 on one session a binding gives neither another session nor a list', () => {
  const one = binding({ roleRef: 'viewer', scope: { session: { namespace: 'team-web', name: 'desk' } } });
  expect(explain({ verb: 'observe', session: 'desk' }, [one])).toEqual(['AccessBinding User viewer session team-web/desk']);
  expect(explain({ verb: 'observe', session: 'other' }, [one])).toEqual([]);
  expect(explain({ verb: 'observe' }, [one])).toEqual([]);
  expect(explain({ verb: 'list', session: 'desk' }, [one])).toEqual([]);
});

test('P-01-5 platform admins and auditors have it from the installation', () => {
  expect(explain({ groups: ['platform-admins'], verb: 'hold', resource: 'recordings' })).toEqual([
    'Installation Group platform-admin platform',
  ]);
  expect(explain({ groups: ['auditors'] })).toEqual([]);
});
