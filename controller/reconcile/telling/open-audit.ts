// The audit log as the controller writes it: through the database's own function while it answers, on disk while it does not. The
// controller works on either way.

import { join } from 'node:path';
import { createAuditMetrics } from '../../../runtime/audit/audit-metrics.ts';
import { AuditSpool } from '../../../runtime/audit/audit-spool.ts';
import { AuditWriter } from '../../../runtime/audit/audit-writer.ts';
import { FollowedRules } from '../../../runtime/audit/followed-rules.ts';
import type { RecordAudit } from '../../../runtime/audit/record-audit.ts';
import { openDatabase } from '../../../runtime/db/database.ts';
import { type GatedDatabase, gateDatabase } from '../../../runtime/db/gated-database.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import type { Registry } from '../../../runtime/metrics/metrics.ts';

export interface OpenAudit extends AsyncDisposable {
  readonly audit: RecordAudit;
  /** Undefined: no database is named, and nothing is written. */
  readonly db: Omit<GatedDatabase, 'open'> | undefined;
}

/** One writes; the others are for those who read the log. */
const CONNECTIONS = 3;
/** About a hundred thousand events. */
const MAX_SPOOL_BYTES = 64 * 1024 * 1024;

export interface OpenAuditOptions {
  readonly client: Pick<KubeClient, 'list'>;
  readonly databaseUrl: string | undefined;
  /** Of this process alone; what an earlier run left in it is stored first. */
  readonly spoolDir: string;
  readonly registry: Registry;
  readonly log: Logger;
}

/** Returns at once; the database may come later. Disposing waits for what is being written; the spool stays for the next run. */
export function openAudit({ client, databaseUrl: url, spoolDir, registry, log }: OpenAuditOptions): OpenAudit {
  if (url === undefined) {
    log.info('no database-url is set: the controller writes nothing to the audit log');
    return { audit: () => undefined, db: undefined, [Symbol.asyncDispose]: async () => undefined };
  }
  const db = gateDatabase(openDatabase({ url, log, maxConnections: CONNECTIONS }), { url, log });
  const spool = new AuditSpool(spoolDir, { maxBytes: MAX_SPOOL_BYTES });
  const rules = new FollowedRules({ client, file: join(spoolDir, 'audit-rules.json'), log });
  const { lost: onLost } = createAuditMetrics(registry, () => !writer.upToDate);
  const writer: AuditWriter = new AuditWriter({ db, spool, log, onLost, now: () => new Date(), rules: () => rules.current });
  const stop = new AbortController();
  const loops = [db.open(stop.signal), writer.replayLoop(stop.signal), rules.loop(stop.signal)];
  return {
    audit: (event) => {
      writer.record(event).catch((error: unknown) => log.error({ err: error, type: event.type }, 'an audit event is lost'));
    },
    db,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(loops);
      await writer[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}
