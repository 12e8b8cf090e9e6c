// Which teams a person belongs to, and as what. Read from the Team objects: what the rights are, the API server knows.
import { type TeamRole, teamNamespace } from '../../schemas/kinds/team.ts';
import { machineOf } from '../../schemas/names.ts';
import type { Person } from '../store/people.ts';
import type { TeamJson } from './kinds-json.ts';

export interface Membership {
  readonly name: string;
  readonly displayName: string;
  readonly namespace: string;
  readonly role: TeamRole;
}

/** Who is in a team twice has the first of these. */
const BY_WEIGHT: readonly TeamRole[] = ['admin', 'member', 'viewer', 'auditor'];

export function membershipsOf(person: Person, teams: Iterable<TeamJson>): readonly Membership[] {
  const memberships: Membership[] = [];
  const machine = machineOf(person.name);
  for (const team of teams) {
    const asMachine =
      machine?.team === team.metadata.name ? team.spec.machines?.find(({ name }) => name === machine.machine) : undefined;
    const roles = (team.spec.members ?? [])
      .filter((member) => member.user === person.name || (member.group !== undefined && person.groups.includes(member.group)))
      .map((member) => member.role)
      .concat(asMachine?.role ?? []);
    const role = BY_WEIGHT.find((candidate) => roles.includes(candidate));
    if (role === undefined || team.metadata.deletionTimestamp !== undefined) continue;
    memberships.push({
      name: team.metadata.name,
      displayName: team.spec.displayName,
      namespace: team.status?.namespace ?? teamNamespace(team),
      role,
    });
  }
  return memberships.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Whether a Team has this very person as a member, by name. */
export function isNamedIn(teams: Iterable<TeamJson>, person: string): boolean {
  for (const { spec } of teams) if (spec.members?.some(({ user }) => user === person) === true) return true;
  return false;
}
