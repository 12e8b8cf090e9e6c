// Everything that a search finds, as a file. Counted before: a file is whole or it is refused, never cut off without a word.
import { once } from 'node:events';
import type { Response } from 'express';
import * as z from 'zod';
import { AUDIT_EXPORT_FORMATS } from '../../../../schemas/api/audit.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { CSV_HEADER, csvLine } from '../../../audit/csv.ts';
import { countEvents, eachPage, type StoredEvent } from '../../../store/audit.ts';
import { type Route, route } from '../../route.ts';
import { type AuditPorts, presentEvent, requireAudit } from './audit.ts';
import { auditSearchOf, searchText } from './audit-search.ts';

/** Events of one export. */
const MAX_EXPORTED = 1_000_000;
/** Events that are in memory at once. */
const PAGE = 2_000;

const exportQuery = z.object({ q: searchText, format: z.enum(AUDIT_EXPORT_FORMATS).default('csv') });
type Format = (typeof AUDIT_EXPORT_FORMATS)[number];

const TYPES: Readonly<Record<Format, string>> = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson; charset=utf-8' };

export function auditExportRoutes(ports: AuditPorts): readonly Route[] {
  const { decisions, db } = ports;
  return [
    route({
      method: 'get',
      path: '/audit/export',
      operationId: 'exportAuditEvents',
      summary: `Every event that a search finds, newest first, as CSV (RFC 4180) or as JSON lines: at most ${MAX_EXPORTED}.`,
      tag: 'Audit',
      query: exportQuery,
      givesBytes: ['text/csv', 'application/x-ndjson'],
      responses: { 200: null },
      audit: 'audit.exported',
      async handle({ person, query: { q = '', format }, signal }) {
        await requireAudit(decisions, person);
        const search = auditSearchOf(ports, q);
        const { count, newest } = await countEvents(db, { search }, MAX_EXPORTED + 1);
        if (count > MAX_EXPORTED)
          throw new StreamSpaceError('AuditExportTooLarge', `the search finds more than ${MAX_EXPORTED} events`);
        // What is written from here on, the event of this export too, is not in it.
        const before = newest === undefined ? 0n : newest + 1n;
        return {
          audited: { object: 'AuditLog/all', details: { query: q, format, events: count } },
          send: (res) => send(res, format, eachPage(db, { search, before }, PAGE), signal),
          [Symbol.asyncDispose]: async () => undefined,
        };
      },
    }),
  ];
}

/** Waits wherever the reader is slower. What fails on the way breaks the connection, so a cut file is told from a whole one. */
async function send(
  res: Response,
  format: Format,
  pages: AsyncIterable<readonly StoredEvent[]>,
  signal: AbortSignal,
): Promise<void> {
  res.setHeader('Content-Type', TYPES[format]);
  res.setHeader('Content-Disposition', `attachment; filename="audit.${format}"`);
  if (format === 'csv') res.write(CSV_HEADER);
  for await (const page of pages) {
    if (signal.aborted) return;
    const lines = page.map(presentEvent).map((event) => (format === 'csv' ? csvLine(event) : `${JSON.stringify(event)}\n`));
    if (!res.write(lines.join(''))) await once(res, 'drain', { signal });
  }
  res.end();
}
