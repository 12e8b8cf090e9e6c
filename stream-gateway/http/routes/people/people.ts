// People, for whom the API server lets `list`, `get`, `update` and `delete` `people.streamspace.io`: a resource that exists in
// rights only. To update is to lock, unlock and sign out.
import * as z from 'zod';
import type { Database } from '../../../../runtime/db/database.ts';
import {
  PERSON_STATES,
  type PersonView,
  personDetail,
  personList,
  personLock,
  signInsEnded,
} from '../../../../schemas/api/people.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Decisions, OurVerb } from '../../../auth/decisions.ts';
import type { TakeBack } from '../../../auth/keys/take-back.ts';
import type { TeamJson } from '../../../sessions/kinds-json.ts';
import { membershipsOf } from '../../../sessions/teams.ts';
import { listApiKeys } from '../../../store/api-keys.ts';
import { endSignInsOf, listSignIns } from '../../../store/own-sign-ins.ts';
import type { Person } from '../../../store/people.ts';
import { forgetPerson, type ListedPerson, listPeople } from '../../../store/people-list.ts';
import { lockPerson, unlockPerson } from '../../../store/person-locks.ts';
import { type Route, route } from '../../route.ts';
import { presentApiKey } from './api-key-parts.ts';
import { presentSignIn } from './own-sign-ins.ts';

export interface PeoplePorts {
  readonly db: Database;
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly teams: () => Iterable<TeamJson>;
  readonly takeBack: TakeBack;
  readonly now: () => Date;
}

const subjectName = z
  .string()
  .regex(/^\S{1,128}$/u, 'write a name without white space')
  // Not in the pattern: not everybody who reads the document knows classes of Unicode.
  .refine((name) => !/\p{Cc}/u.test(name), 'write a name without control characters');
const byName = z.object({ name: subjectName });
const objectOf = ({ name }: { readonly name: string }): string => `Person/${name}`;

const peopleQuery = z.object({
  search: z.string().trim().max(128).optional().describe('Part of a name, a displayed name or a group.'),
  state: z.enum(PERSON_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: subjectName.optional().describe('`metadata.continue` of the page before.'),
});

export function peopleRoutes({ db, decisions, teams, takeBack, now }: PeoplePorts): readonly Route[] {
  const may = (person: Person, verb: OurVerb): Promise<boolean> => decisions.ask(person, { verb, resource: 'people' });
  const requireRight = async (person: Person, verb: OurVerb): Promise<void> => {
    if (!(await may(person, verb)))
      throw new StreamSpaceError('Forbidden', `${person.name} may not ${verb} people in the whole cluster`);
  };
  const present = (listed: ListedPerson): PersonView => ({
    ...{ name: listed.name, displayName: listed.displayName, groups: [...listed.groups] },
    teams: membershipsOf(listed, teams()).map((team) => team.name),
    lastSignInAt: listed.lastSignInAt?.toISOString() ?? null,
    ...{ signIns: listed.signIns, apiKeys: listed.apiKeys },
    lock: listed.lock === null ? null : { ...listed.lock, at: listed.lock.at.toISOString() },
  });
  const find = async (name: string): Promise<ListedPerson> => {
    const [found] = await listPeople(db, { name }, 1);
    if (found === undefined) throw new StreamSpaceError('NotFound', `there is no person "${name}"`);
    return found;
  };
  const notOneself = (person: Person, name: string, verb: string): void => {
    if (person.name === name)
      throw new StreamSpaceError('RequestInvalid', `nobody can ${verb} himself; ask another platform admin`);
  };

  return [
    route({
      method: 'get',
      path: '/people',
      operationId: 'listPeople',
      summary: 'People by name, with what they have open and whether they are locked.',
      tag: 'People',
      query: peopleQuery,
      responses: { 200: { name: 'PersonList', schema: personList } },
      async handle({ person, query }) {
        await requireRight(person, 'list');
        const { search, state, limit, continue: after } = query;
        const locked = state === undefined ? undefined : state === 'locked';
        // One more than asked for tells whether there is another page.
        const found = await listPeople(db, { search, locked, after }, limit + 1);
        const page = found.slice(0, limit);
        const last = found.length > limit ? page.at(-1)?.name : undefined;
        return { status: 200, body: { metadata: last === undefined ? {} : { continue: last }, items: page.map(present) } };
      },
    }),
    route({
      method: 'get',
      path: '/people/{name}',
      operationId: 'getPerson',
      summary: 'One person, with sign-ins and API keys.',
      tag: 'People',
      params: byName,
      responses: { 200: { name: 'PersonDetail', schema: personDetail } },
      async handle({ person, identity, params: { name } }) {
        await requireRight(person, 'get');
        const found = await find(name);
        const [signIns, keys, update, remove] = await Promise.all([
          listSignIns(db, name),
          listApiKeys(db, name),
          may(person, 'update'),
          may(person, 'delete'),
        ]);
        const signInItems = signIns.map((each) => presentSignIn(each, identity.credential));
        const apiKeyItems = keys.map((key) => presentApiKey(key, now()));
        return { status: 200, body: { ...present(found), signInItems, apiKeyItems, may: { update, delete: remove } } };
      },
    }),
    route({
      method: 'delete',
      path: '/people/{name}/sign-ins',
      operationId: 'endSignInsOfPerson',
      summary: 'Ends every sign-in of a person, with its streams. Keys go on.',
      tag: 'People',
      params: byName,
      responses: { 200: { name: 'SignInsEnded', schema: signInsEnded } },
      audit: 'signin.ended',
      object: objectOf,
      async handle({ person, params: { name } }) {
        await requireRight(person, 'update');
        await find(name);
        const ended = await endSignInsOf(db, name);
        void takeBack(ended);
        const details = { ended: ended.length };
        return { status: 200, body: details, audited: { object: objectOf({ name }), details } };
      },
    }),
    route({
      method: 'put',
      path: '/people/{name}/lock',
      operationId: 'lockPerson',
      summary: 'Locks a person out: no sign-in, no API key, no stream. Also of one who was never here.',
      tag: 'People',
      params: byName,
      body: { name: 'PersonLock', schema: personLock },
      responses: { 204: null },
      audit: 'person.locked',
      object: objectOf,
      async handle({ person, params: { name }, body: { reason } }) {
        await requireRight(person, 'update');
        notOneself(person, name, 'lock');
        const ended = await db.transaction(async (tx) => {
          await lockPerson(tx, name, { by: person.name, reason });
          return await endSignInsOf(tx, name);
        });
        void takeBack(ended);
        return { status: 204, audited: { object: objectOf({ name }), details: { reason, ended: ended.length } } };
      },
    }),
    route({
      method: 'delete',
      path: '/people/{name}/lock',
      operationId: 'unlockPerson',
      summary: 'Unlocks a person, who then signs in again; keys work at once.',
      tag: 'People',
      params: byName,
      responses: { 204: null },
      audit: 'person.unlocked',
      object: objectOf,
      async handle({ person, params: { name } }) {
        await requireRight(person, 'update');
        if (!(await unlockPerson(db, name))) throw new StreamSpaceError('NotFound', `${name} is not locked`);
        return { status: 204 };
      },
    }),
    route({
      method: 'delete',
      path: '/people/{name}',
      operationId: 'deletePerson',
      summary: 'Forgets a person: sign-ins, API keys and layouts. The audit log, recordings and a lock stay.',
      tag: 'People',
      params: byName,
      responses: { 204: null },
      audit: 'person.deleted',
      object: objectOf,
      async handle({ person, params: { name } }) {
        await requireRight(person, 'delete');
        notOneself(person, name, 'delete');
        const ended = await db.transaction(async (tx) => {
          const signIns = await endSignInsOf(tx, name);
          return (await forgetPerson(tx, name)) ? signIns : undefined;
        });
        if (ended === undefined) throw new StreamSpaceError('NotFound', `there is no person "${name}"`);
        void takeBack(ended);
        return { status: 204 };
      },
    }),
  ];
}
