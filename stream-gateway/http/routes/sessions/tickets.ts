// The right to open one stream, for 30 seconds, once.

import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../../runtime/kube/types.ts';
import { ticketCreate, ticketView } from '../../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { SessionJson } from '../../../sessions/kinds-json.ts';
import { requirePolicy } from '../../../sessions/read-policy.ts';
import { VERB_OF_RIGHT } from '../../../sessions/stream-rights.ts';
import { shareFor } from '../../../sharing/entry.ts';
import type { Shares } from '../../../sharing/shares.ts';
import { issueTicket } from '../../../store/tickets.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface TicketPorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly db: Queryable;
  readonly shares: Shares;
}

export function ticketRoutes({ client, decisions, db, shares }: TicketPorts): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/namespaces/{namespace}/sessions/{name}/tickets',
      operationId: 'createTicket',
      summary: 'A ticket that opens one stream of the session within 30 seconds, as a WebSocket subprotocol.',
      tag: 'Sessions',
      area: 'streams',
      params: objectPath,
      body: { name: 'TicketCreate', schema: ticketCreate },
      responses: { 201: { name: 'Ticket', schema: ticketView } },
      audit: 'ticket.issued',
      object: ({ namespace, name }) => `Session/${namespace}/${name}`,
      async handle({ person, identity, params: { namespace, name }, body: { right } }) {
        const verb = VERB_OF_RIGHT[right];
        const allowed = await decisions.ask(person, { verb, resource: 'sessions', namespace, name });
        const via = allowed ? undefined : await shareFor({ shares, db }, person, { namespace, name, right });
        if (!allowed && via === undefined)
          throw new StreamSpaceError('Forbidden', `${person.name} may not ${verb} session ${namespace}/${name}`);
        // Whoever comes through a share need not be able to read the session.
        const reader = via === undefined ? client.as(impersonationOf(person)) : client;
        const session = await reader.get<SessionJson>(RESOURCES.sessions, namespace, name);
        // A stream would be refused too; whoever asks here reads why.
        if (session.status?.phase === 'Running') requirePolicy(session);
        const { ticket, expiresAt } = await issueTicket(db, {
          person: person.name,
          namespace,
          session: name,
          sessionUid: session.metadata.uid ?? '',
          right,
          credential: identity.credential,
          ...(via === undefined ? {} : { via }),
        });
        return {
          status: 201,
          body: { ticket, path: `/api/v1/namespaces/${namespace}/sessions/${name}/stream`, expiresAt: expiresAt.toISOString() },
          audited: {
            object: `Session/${namespace}/${name}`,
            details: { right, ...(via === undefined ? {} : { share: via.share }) },
          },
        };
      },
    }),
  ];
}
