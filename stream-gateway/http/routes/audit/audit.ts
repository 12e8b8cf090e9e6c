// What has happened, for whom the API server lets list `auditevents.streamspace.io`: a resource that exists in rights only.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { type AuditEventView, auditEventView, auditList } from '../../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { listEvents, type StoredEvent } from '../../../store/audit.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';
import { type AuditSearchPorts, auditSearchOf, searchText } from './audit-search.ts';

export interface AuditPorts extends AuditSearchPorts {
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly db: Queryable;
}

const auditQuery = z.object({
  q: searchText,
  actor: z.string().max(128).optional().describe('A person.'),
  type: auditEventView.shape.type.optional(),
  object: z.string().max(512).optional().describe('`kind/namespace/name`, in full.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: z
    .string()
    .regex(/^\d{1,18}$/, 'write metadata.continue of the page before')
    .optional(),
});

export function auditRoutes(ports: AuditPorts): readonly Route[] {
  const { decisions, db } = ports;
  return [
    route({
      method: 'get',
      path: '/audit',
      operationId: 'listAuditEvents',
      summary: 'Audit events, newest first.',
      tag: 'Audit',
      query: auditQuery,
      responses: { 200: { name: 'AuditEventList', schema: auditList } },
      async handle({ person, query }) {
        await requireAudit(decisions, person);
        const { actor, type, object, limit } = query;
        const search = auditSearchOf(ports, query.q);
        const before = query.continue === undefined ? undefined : BigInt(query.continue);
        // One more than asked for tells whether there is another page.
        const events = await listEvents(db, { actor, type, object, before, search }, limit + 1);
        const page = events.slice(0, limit);
        const last = events.length > limit ? page.at(-1)?.seq.toString() : undefined;
        return {
          status: 200,
          body: { metadata: last === undefined ? {} : { continue: last }, items: page.map(presentEvent) },
        };
      },
    }),
  ];
}

/** @throws StreamSpaceError `Forbidden` */
export async function requireAudit(decisions: Pick<Decisions, 'ask'>, person: Person): Promise<void> {
  if (await decisions.ask(person, { verb: 'list', resource: 'auditevents' })) return;
  throw new StreamSpaceError('Forbidden', `${person.name} may not list auditevents in the whole cluster`);
}

export function presentEvent(event: StoredEvent): AuditEventView {
  return {
    id: event.id,
    at: event.at,
    type: event.type,
    actor: event.actor,
    result: event.result,
    object: event.object ?? null,
    sourceAddress: event.sourceAddress ?? null,
    requestId: event.requestId ?? null,
    details: { ...event.details },
  };
}
