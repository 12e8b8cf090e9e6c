// Who am I, and what is there for me to see.
import { me } from '../../../schemas/api/api.ts';
import type { Decisions } from '../../auth/decisions.ts';
import type { TeamJson } from '../../sessions/kinds-json.ts';
import { membershipsOf } from '../../sessions/teams.ts';
import { type Route, route } from '../route.ts';

export interface MePorts {
  readonly decisions: Decisions;
  readonly teams: () => Iterable<TeamJson>;
}

export function meRoutes({ decisions, teams }: MePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/me',
      operationId: 'getMe',
      summary: 'The person of this request, with teams and what there is to see.',
      tag: 'Me',
      responses: { 200: { name: 'Me', schema: me } },
      async handle({ person, identity }) {
        const [everything, allSessions, gitSyncs, audit, people] = await Promise.all([
          decisions.allowed(person, { verb: '*', resource: '*' }),
          decisions.allowed(person, { verb: 'list', resource: 'sessions' }),
          decisions.allowed(person, { verb: 'list', resource: 'gitsyncs' }),
          decisions.allowed(person, { verb: 'list', resource: 'auditevents' }),
          decisions.allowed(person, { verb: 'list', resource: 'people' }),
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
            may: { gitSyncs, allSessions, audit, people },
            csrfToken: identity.via === 'sign-in' ? identity.csrfToken : null,
          }),
        };
      },
    }),
  ];
}
