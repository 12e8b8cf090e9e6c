// Which roles a team is offered, and what each is said to give.
import { expect, test } from 'vitest';
import type { AccessRole } from '../../schemas/kinds/access/access-role.ts';
import { BUILT_IN_ROLES, ownRolesOfTeam } from './team-parts.ts';

function role(name: string, spec: Partial<AccessRole['spec']>): AccessRole {
  return {
    ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'AccessRole', metadata: { name } },
    spec: { rules: [], inherits: [], assignableAt: ['Team'], ...spec },
  };
}

const offered = (...roles: readonly AccessRole[]) => ownRolesOfTeam(roles).map(({ shown }) => shown);

test('the roles of StreamSpace that a team can be given, platform-admin not among them', () => {
  expect(BUILT_IN_ROLES.map(({ name }) => name)).toEqual(['admin', 'member', 'viewer', 'auditor']);
  expect(BUILT_IN_ROLES.every(({ builtIn, rules }) => builtIn && rules.length > 0)).toBe(true);
});

test('a role of one’s own comes with what it inherits, and with what an admin of the team has not', () => {
  const [trainer, keeper] = offered(
    role('trainer', { displayName: 'Trainer', inherits: ['viewer'], rules: [{ resources: ['sessions'], verbs: ['control'] }] }),
    role('keeper', { rules: [{ resources: ['recordings'], verbs: ['list', 'hold'] }] }),
  );
  expect(trainer).toMatchObject({ name: 'trainer', displayName: 'Trainer', builtIn: false, beyondTeam: [] });
  expect(trainer?.rules).toContainEqual({ resources: ['sessions'], verbs: ['control'] });
  expect(trainer?.rules).toContainEqual({
    resources: ['sessions'],
    verbs: ['get', 'list', 'watch', 'connect', 'observe'],
  });
  expect(keeper?.beyondTeam).toEqual(['hold recordings']);
});

test('what cannot be given in a team, gives nothing for what it inherits is not there, or is on its way out is not offered', () => {
  const going = role('going', {});
  expect(
    offered(
      role('wide', { assignableAt: ['Platform', 'Session'] }),
      role('broken', { inherits: ['nobody'] }),
      role('round', { inherits: ['round'] }),
      { ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    ),
  ).toEqual([]);
});
