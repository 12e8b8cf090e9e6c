// Who am I, and what is there for me to see.
import type { Queryable } from '../../../../runtime/db/database.ts';
import { type Me, me } from '../../../../schemas/api/api.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import type { TeamJson } from '../../../sessions/kinds-json.ts';
import { membershipsOf } from '../../../sessions/teams.ts';
import { listEvents } from '../../../store/audit.ts';
import { type Route, route } from '../../route.ts';

export interface MePorts {
  readonly db: Queryable;
  readonly now: () => Date;
  readonly decisions: Decisions;
  readonly teams: () => Iterable<TeamJson>;
}

export function meRoutes({ db, decisions, teams, now }: MePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/me',
      operationId: 'getMe',
      summary: 'The person of this request, with teams and what there is to see.',
      tag: 'Me',
      responses: { 200: { name: 'Me', schema: me } },
      async handle({ person, identity }) {
        const [everything, allSessions, gitSyncs, audit, people, health] = await Promise.all([
          decisions.allowed(person, { verb: '*', resource: '*' }),
          decisions.allowed(person, { verb: 'list', resource: 'sessions' }),
          decisions.allowed(person, { verb: 'list', resource: 'gitsyncs' }),
          decisions.allowed(person, { verb: 'list', resource: 'auditevents' }),
          decisions.allowed(person, { verb: 'list', resource: 'people' }),
          decisions.allowed(person, { verb: 'get', resource: 'health' }),
        ]);
        const platformRole = everything ? 'platformAdmin' : audit ? 'auditor' : null;
        return {
          status: 200,
          body: me.parse({
            name: person.name,
            displayName: person.displayName,
            groups: person.groups,
            platformRole,
            teams: membershipsOf(person, teams()),
            may: { gitSyncs, allSessions, audit, people, health },
            breakGlass: everything ? await breakGlassUses(db, now()) : [],
            csrfToken: identity.via === 'sign-in' ? identity.csrfToken : null,
          }),
        };
      },
    }),
  ];
}

const SHOWN_MS = 24 * 3_600_000;
const MAX_SHOWN = 10;

async function breakGlassUses(db: Queryable, now: Date): Promise<Me['breakGlass']> {
  const events = await listEvents(db, { type: 'breakglass.used' }, MAX_SHOWN);
  return events
    .filter(({ at }) => Date.parse(at) > now.getTime() - SHOWN_MS)
    .map(({ actor, at, sourceAddress }) => ({ person: actor ?? '', at, address: sourceAddress ?? null }));
}
