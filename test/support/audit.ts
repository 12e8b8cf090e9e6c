// What the audit log says about one request, straight from the database.
import { openDatabase } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { Servers } from './servers.ts';

export interface AuditRow {
  readonly type: string;
  readonly actor: string | null;
  readonly result: string;
  readonly object: string | null;
  readonly source_address: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
}

export function databaseOf(servers: Servers) {
  return openDatabase({ url: servers.databaseUrl, log: createLogger({ name: 'test', level: 'silent' }), maxConnections: 2 });
}

export async function auditOf(servers: Servers, requestId: string): Promise<readonly AuditRow[]> {
  await using db = databaseOf(servers);
  return await db.query<AuditRow & Record<string, unknown>>(
    'select type, actor, result, object, source_address, details from audit_events where request_id = $1 order by seq limit 10',
    [requestId],
  );
}

/** What the log says about one object, oldest first. @param like of the types */
export async function auditAbout(servers: Servers, object: string, like = '%'): Promise<readonly AuditRow[]> {
  await using db = databaseOf(servers);
  return await db.query<AuditRow & Record<string, unknown>>(
    `select type, actor, result, object, source_address, details from audit_events
      where object = $1 and type like $2 order by seq limit 100`,
    [object, like],
  );
}
