import { describe, expect, test } from 'vitest';
import type { Team } from '../../../schemas/kinds/team.ts';
import { TEAM_ROLE_RULES } from '../../../schemas/rights.ts';
import { teamObjects } from './objects.ts';

function team(members: Team['spec']['members']): Team {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Team',
    metadata: { name: 'web', uid: 'uid-1' },
    spec: { displayName: 'Web', members },
  };
}
const namesOf = (members: Team['spec']['members']): readonly string[] =>
  teamObjects(team(members), { created: true, profiles: [] }).contents.map(
    ({ manifest }) => `${manifest.kind} ${manifest.metadata.name}`,
  );

test('the namespace enforces the restricted Pod Security standard and says whose it is', () => {
  const { manifest } = teamObjects(team([]), { created: true, profiles: [] }).namespace;
  expect(manifest.metadata).toEqual({
    name: 'team-web',
    labels: {
      'streamspace.io/team': 'web',
      'app.kubernetes.io/managed-by': 'streamspace',
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
    annotations: { 'streamspace.io/created-for': 'uid-1' },
  });
});

test('a namespace that was there before is not marked for deletion', () => {
  expect(teamObjects(team([]), { created: false, profiles: [] }).namespace.manifest.metadata.annotations).toEqual({});
});

test('P-04-9 everything is denied before anything is admitted, and only gateway and controller reach a desktop', () => {
  const [deny, admit] = teamObjects(team([]), { created: true, profiles: [] }).contents;
  expect(deny?.manifest['spec']).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const from = ['gateway', 'controller'].map((component) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'streamspace' } },
    podSelector: { matchLabels: { 'streamspace.io/component': component } },
  }));
  expect(admit?.manifest['spec']).toEqual({
    podSelector: { matchLabels: { 'streamspace.io/component': 'desktop' } },
    policyTypes: ['Ingress'],
    ingress: [{ from }],
  });
});

describe('rights', () => {
  test('each role has its rules from the table; a role that nobody has is bound to nobody', () => {
    const contents = teamObjects(team([{ user: 'member', role: 'member' }]), { created: true, profiles: [] }).contents;
    const rulesOf = (name: string): unknown =>
      contents.find(({ manifest }) => manifest.kind === 'Role' && manifest.metadata.name === name)?.manifest['rules'];
    for (const role of ['admin', 'member', 'viewer', 'auditor'] as const)
      expect(rulesOf(`streamspace-team-${role}`)).toEqual(TEAM_ROLE_RULES[role]);
    expect(namesOf([{ user: 'member', role: 'member' }]).filter((name) => name.startsWith('RoleBinding'))).toEqual([
      'RoleBinding streamspace-team-member',
    ]);
  });

  test('people and groups carry our prefix, once each, in an order that does not depend on Git', () => {
    const one = { user: 'zoe', role: 'viewer' } as const;
    const two = { group: 'guests', role: 'viewer' } as const;
    const three = { user: 'adam', role: 'viewer' } as const;
    const subjectsOf = (members: Team['spec']['members']): unknown =>
      teamObjects(team(members), { created: true, profiles: [] }).contents.find(({ manifest }) => manifest.kind === 'RoleBinding')
        ?.manifest['subjects'];
    const apiGroup = 'rbac.authorization.k8s.io';
    expect(subjectsOf([one, two, three, one])).toEqual([
      { apiGroup, kind: 'Group', name: 'streamspace:group:guests' },
      { apiGroup, kind: 'User', name: 'streamspace:user:adam' },
      { apiGroup, kind: 'User', name: 'streamspace:user:zoe' },
    ]);
    expect(subjectsOf([three, two, one])).toEqual(subjectsOf([one, two, three]));
  });

  test('a machine has a ServiceAccount whose token nobody gets unasked, and its role as that and as our user', () => {
    const made = { ...team([{ user: 'zoe', role: 'member' }]) };
    const machines = [{ name: 'ci', role: 'member' } as const];
    const objects = teamObjects({ ...made, spec: { ...made.spec, machines } }, { created: true, profiles: [] }).contents;
    const named = (kind: string, name: string): unknown =>
      objects.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)?.manifest;
    expect(named('ServiceAccount', 'machine-ci')).toMatchObject({
      metadata: {
        namespace: 'team-web',
        labels: { 'streamspace.io/team': 'web', 'streamspace.io/machine': 'ci', 'app.kubernetes.io/managed-by': 'streamspace' },
      },
      automountServiceAccountToken: false,
    });
    const apiGroup = 'rbac.authorization.k8s.io';
    expect(named('RoleBinding', 'streamspace-team-member')).toMatchObject({
      subjects: [
        { kind: 'ServiceAccount', name: 'machine-ci', namespace: 'team-web' },
        { apiGroup, kind: 'User', name: 'streamspace:user:machine:web.ci' },
        { apiGroup, kind: 'User', name: 'streamspace:user:zoe' },
      ],
    });
    expect(named('RoleBinding', 'streamspace-team-admin')).toBeUndefined();
  });
});
