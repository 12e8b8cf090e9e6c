import { describe, expect, test } from 'vitest';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { TeamMachine } from '../../schemas/kinds/team.ts';
import { machineOf, machineUser } from '../../schemas/names.ts';
import type { TeamJson } from '../sessions/kinds-json.ts';
import { membershipsOf } from '../sessions/teams.ts';
import { Machines, machinePerson } from './machines.ts';

function team(name: string, machines: readonly TeamMachine[], metadata: object = {}): TeamJson {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Team',
    metadata: { name, ...metadata },
    spec: { displayName: name, members: [], machines: [...machines] },
  };
}

function account(uid: string, labels: Readonly<Record<string, string>>): KubeObjectJson {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'machine-ci', namespace: 'team-web', uid, labels } };
}

const CI: TeamMachine = { name: 'ci', role: 'member' };
const LABELS_OF_CI = { 'streamspace.io/team': 'web', 'streamspace.io/machine': 'ci' };

function machines(teams: readonly TeamJson[], accounts: readonly KubeObjectJson[] = [], ready = true): Machines {
  return new Machines({
    teams: { objects: new Map(teams.map((each) => [each.metadata.name, each])), ready },
    accounts: { objects: new Map(accounts.map((each) => [String(each.metadata.uid), each])), ready },
  });
}

describe('names', () => {
  test('a machine is one of its team, also where the team has dots in its name', () => {
    for (const name of [
      { team: 'web', machine: 'ci' },
      { team: 'web.example', machine: 'ci' },
    ])
      expect(machineOf(machineUser(name))).toEqual(name);
  });

  test.each(['ann', 'corp:ann', 'machine:', 'machine:web', 'break-glass:machine.web', 'machine:web.'])(
    '%s is no machine',
    (user) => {
      expect(machineOf(user)).toBeUndefined();
    },
  );
});

describe('machines', () => {
  test('are those that stand in a Team which is not about to go', () => {
    const known = machines([team('web', [CI]), team('old', [CI], { deletionTimestamp: '2026-01-01T00:00:00Z' })]);
    expect(known.has('machine:web.ci')).toBe(true);
    for (const user of ['machine:web.other', 'machine:nosuch.ci', 'machine:old.ci', 'ci']) expect(known.has(user)).toBe(false);
  });

  test('are found by their ServiceAccount, in the namespace of their team alone', () => {
    const known = machines([team('web', [CI]), team('ops', [CI])]);
    expect(known.ofAccount('team-web', 'machine-ci')).toEqual(machinePerson('web', 'ci'));
    expect(known.ofAccount('team-ops', 'machine-ci')?.name).toBe('machine:ops.ci');
    for (const [namespace, name] of [
      ['team-web', 'ci'],
      ['team-web', 'default'],
      ['streamspace', 'machine-ci'],
    ] as const)
      expect(known.ofAccount(namespace, name)).toBeUndefined();
  });

  test('have the account that their token was made for, as long as that very one is there', () => {
    const known = machines([team('web', [CI])], [account('uid-1', LABELS_OF_CI)]);
    expect(known.isAccountOf('machine:web.ci', 'uid-1')).toBe(true);
    expect(known.isAccountOf('machine:web.ci', 'uid-0')).toBe(false);
    expect(machines([team('web', [])], [account('uid-1', LABELS_OF_CI)]).isAccountOf('machine:web.ci', 'uid-1')).toBe(false);
    const other = account('uid-1', { ...LABELS_OF_CI, 'streamspace.io/team': 'ops' });
    expect(machines([team('web', [CI])], [other]).isAccountOf('machine:web.ci', 'uid-1')).toBe(false);
  });

  test('are not denied before the Teams were read', () => {
    const known = machines([], [], false);
    expect(() => known.has('machine:web.ci')).toThrow(/not been read/);
    expect(() => known.ofAccount('team-web', 'machine-ci')).toThrow(/not been read/);
  });

  test('belong to their team with the role that they have there, and to no other', () => {
    const teams = [team('web', [{ ...CI, role: 'viewer' }]), team('ops', [CI])];
    expect(membershipsOf(machinePerson('web', 'ci'), teams)).toMatchObject([{ name: 'web', role: 'viewer' }]);
    expect(membershipsOf(machinePerson('web', 'gone'), teams)).toEqual([]);
  });
});
