import { expect, test } from 'vitest';
import { MACHINE_NAME_MAX, MACHINE_TEAM_MAX, machineUser } from '../names.ts';
import { teamSpec } from './team.ts';

const withMachines = (...machines: readonly object[]) => teamSpec.safeParse({ displayName: 'Web', machines });

test('each machine of a team has a name of its own, which goes into that of a user', () => {
  expect(withMachines({ name: 'ci', role: 'member' }, { name: 'board', role: 'viewer', description: 'the wall' }).success).toBe(
    true,
  );
  const twice = withMachines({ name: 'ci', role: 'member' }, { name: 'ci', role: 'admin' });
  expect(twice.error?.issues).toMatchObject([{ path: ['machines'], message: 'give each machine another name' }]);
  for (const name of ['CI', 'a.b', 'a:b', 'x'.repeat(MACHINE_NAME_MAX + 1)])
    expect(withMachines({ name, role: 'member' }).success).toBe(false);
});

test('the longest names make a user whose name fits into the database', () => {
  expect(machineUser({ team: 't'.repeat(MACHINE_TEAM_MAX), machine: 'm'.repeat(MACHINE_NAME_MAX) })).toHaveLength(128);
});
