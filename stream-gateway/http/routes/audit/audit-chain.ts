// The audit log as whoever verifies it needs it: months, rows with their hashes, checkpoints. The gateway passes them on and judges
// nothing: what is good is computed by the one who asks (`streamspace audit verify`).
import { once } from 'node:events';
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { auditHold, auditMonth, auditMonths } from '../../../../schemas/api/audit.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { type CheckpointObjects, readCheckpoints } from '../../../audit/checkpoints.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { holdMonth, listMonths, readRows, releaseMonth } from '../../../store/audit-chain.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route, type Streaming } from '../../route.ts';

export interface AuditChainPorts {
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly db: Queryable;
  /** Undefined: there are no checkpoints. */
  readonly checkpoints: Pick<CheckpointObjects, 'get' | 'list'> | undefined;
}

const monthPath = z.object({ month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'write a month such as 2026-11') });
const LINES = 'application/x-ndjson';

export function auditChainRoutes({ decisions, db, checkpoints }: AuditChainPorts): readonly Route[] {
  const requireRight = async (person: Person, verb: 'list' | 'hold' = 'list'): Promise<void> => {
    if (!(await decisions.ask(person, { verb, resource: 'auditevents' })))
      throw new StreamSpaceError('Forbidden', `${person.name} may not ${verb} auditevents in the whole cluster`);
  };
  return [
    route({
      method: 'get',
      path: '/audit/months',
      operationId: 'listAuditMonths',
      summary: 'The months of the audit log and the end of the chain of each, oldest first.',
      tag: 'Audit',
      responses: { 200: { name: 'AuditMonthList', schema: auditMonths } },
      async handle({ person }) {
        await requireRight(person);
        return { status: 200, body: { items: await listMonths(db) } };
      },
    }),
    route({
      method: 'get',
      path: '/audit/months/{month}/rows',
      operationId: 'readAuditRows',
      summary:
        'Every row of a month in the order of its chain, one JSON array a line: seq, id, at, type, actor, result, object, sourceAddress, requestId, details, position, hash.',
      tag: 'Audit',
      params: monthPath,
      givesBytes: LINES,
      responses: { 200: null },
      async handle({ person, params, signal }) {
        await requireRight(person);
        return sendLines(readRows(db, params.month), signal);
      },
    }),
    route({
      method: 'post',
      path: '/audit/months/{month}/hold',
      operationId: 'holdAuditMonth',
      summary: 'Keeps a month of the audit log whatever the retention says, or lifts that.',
      tag: 'Audit',
      params: monthPath,
      body: { name: 'AuditHold', schema: auditHold },
      responses: { 200: { name: 'AuditMonth', schema: auditMonth } },
      audit: 'audit.held',
      object: ({ month }) => `AuditLog/${month}`,
      async handle({ person, params: { month }, body: { held, reason } }) {
        await requireRight(person, 'hold');
        const before = (await listMonths(db)).find((each) => each.month === month);
        if (held) await holdMonth(db, month, { by: person.name, reason });
        else await releaseMonth(db, month);
        const after = (await listMonths(db)).find((each) => each.month === month);
        if (after === undefined || !after.stored || (held && after.hold === null))
          throw new StreamSpaceError('NotFound', `there is no audit log of ${month}`);
        const lifted = held || before?.hold == null ? {} : { heldBy: before.hold.by, heldBecause: before.hold.reason };
        return { status: 200, body: after, audited: { details: { held, reason, ...lifted } } };
      },
    }),
    route({
      method: 'get',
      path: '/audit/checkpoints',
      operationId: 'readAuditCheckpoints',
      summary: 'Every checkpoint as it is stored, one a line, oldest first.',
      tag: 'Audit',
      givesBytes: LINES,
      responses: { 200: null },
      async handle({ person, signal }) {
        await requireRight(person);
        return sendLines(checkpoints === undefined ? [] : readCheckpoints(checkpoints, signal), signal);
      },
    }),
  ];
}

/** The first page is awaited before the status is sent; what fails later cuts the answer off, and the last line is missing. */
function sendLines(pages: AsyncIterable<string | Buffer> | Iterable<string>, signal: AbortSignal): Streaming {
  return async (res) => {
    for await (const page of pages) {
      if (signal.aborted) return;
      if (!res.headersSent) res.type(LINES);
      if (!res.write(page)) await once(res, 'drain', { signal });
    }
    if (!res.headersSent) res.type(LINES);
    // So that a cut answer is told from a whole one.
    res.end('null\n');
  };
}
