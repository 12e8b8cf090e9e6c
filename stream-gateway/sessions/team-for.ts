// A team for somebody who may know of it: who is in it, and who may list teams.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Decisions } from '../auth/decisions.ts';
import type { Person } from '../store/people.ts';
import type { TeamJson } from './kinds-json.ts';
import { membershipsOf } from './teams.ts';

export interface TeamForPorts {
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly teams: () => Iterable<TeamJson>;
}

/**
 * Who is not in it is not told whether it is there.
 * @throws Forbidden, NotFound
 */
export async function teamFor({ decisions, teams }: TeamForPorts, person: Person, name: string): Promise<TeamJson> {
  const team = [...teams()].find(({ metadata }) => metadata.name === name);
  const mine = membershipsOf(person, team === undefined ? [] : [team]);
  if (mine.length === 0 && !(await decisions.ask(person, { verb: 'list', resource: 'teams' })))
    throw new StreamSpaceError('Forbidden', `${person.name} is not in the team ${name}, and may not list teams`);
  if (team === undefined) throw new StreamSpaceError('NotFound', `there is no team "${name}"`);
  return team;
}
