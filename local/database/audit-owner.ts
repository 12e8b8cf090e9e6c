// Who owns the audit log: a role that nobody signs in as, so the service cannot give itself more than it has (ADR 0034). Only the
// superuser can hand tables over; a function does it for him, for these tables and nothing else, when the migration calls it.
import { readFile } from 'node:fs/promises';

/** For the superuser in template1: a statement a line, as a server without a client reads them. */
export async function auditOwnerStatements(): Promise<readonly string[]> {
  const sql = await readFile(new URL('../../deploy/audit-owner.sql', import.meta.url), 'utf8');
  return sql
    .replaceAll(/^--.*$/gm, '')
    .split('\n\n')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}
