// The right to open one console of a session, for 30 seconds, once. Never through a share: a shell is more than a desktop.
import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../../runtime/kube/types.ts';
import { ticketView } from '../../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import { consoleRefusal } from '../../../console/console-policy.ts';
import type { SessionJson } from '../../../sessions/kinds-json.ts';
import { inForce, requirePolicy } from '../../../sessions/read-policy.ts';
import { issueTicket } from '../../../store/tickets.ts';
import { StreamPolicy } from '../../../stream/stream-policy.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface ConsoleRoutePorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly db: Queryable;
}

export function consoleRoutes({ client, decisions, db }: ConsoleRoutePorts): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/namespaces/{namespace}/sessions/{name}/console-tickets',
      operationId: 'createConsoleTicket',
      summary:
        'A ticket that opens one console of the session within 30 seconds, as a WebSocket subprotocol. Asks for the verb exec.',
      tag: 'Sessions',
      area: 'consoles',
      params: objectPath,
      responses: { 201: { name: 'Ticket', schema: ticketView } },
      audit: 'ticket.issued',
      refused: 'console.refused',
      stepUp: { for: 'Exec' },
      object: ({ namespace, name }) => `Session/${namespace}/${name}`,
      async handle({ person, identity, params: { namespace, name } }) {
        if (!(await decisions.ask(person, { verb: 'exec', resource: 'sessions', namespace, name })))
          throw new StreamSpaceError('Forbidden', `${person.name} may not exec session ${namespace}/${name}`);
        const session = await client.as(impersonationOf(person)).get<SessionJson>(RESOURCES.sessions, namespace, name);
        // A console would be refused too; whoever asks here reads why.
        const refusal = consoleRefusal(new StreamPolicy(inForce(requirePolicy(session))));
        if (refusal !== undefined) throw refusal;
        const { ticket, expiresAt } = await issueTicket(db, {
          ...{ person: person.name, namespace, session: name, sessionUid: session.metadata.uid ?? '', right: 'exec' },
          credential: identity.credential,
        });
        return {
          status: 201,
          body: { ticket, path: `/api/v1/namespaces/${namespace}/sessions/${name}/console`, expiresAt: expiresAt.toISOString() },
          audited: { object: `Session/${namespace}/${name}`, details: { right: 'exec' } },
        };
      },
    }),
  ];
}
