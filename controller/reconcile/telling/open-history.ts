// The history of syncs with its own connection to the database, or none where no database is named.
import { openDatabase } from '../../../runtime/db/database.ts';
import { gateDatabase } from '../../../runtime/db/gated-database.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import type { Registry } from '../../../runtime/metrics/metrics.ts';
import type { Retention } from './history-store.ts';
import { HistoryWriter, NO_HISTORY, type SyncHistory } from './history-writer.ts';

export interface OpenHistory extends AsyncDisposable {
  readonly history: SyncHistory;
  /** For readiness: it is told, and nothing depends on it. */
  readonly state: () => 'on' | 'waiting for the database' | 'off: no database-url is set';
}

/** More would be idle: one loop writes, one prunes. */
const CONNECTIONS = 2;

/** Returns at once; the database may come later. Disposing stores what still waits. */
export function openHistory(
  { databaseUrl: url, retention }: { readonly databaseUrl: string | undefined; readonly retention: Retention },
  registry: Registry,
  log: Logger,
): OpenHistory {
  if (url === undefined) {
    log.info('no database-url is set: no history of syncs is kept');
    return { history: NO_HISTORY, state: () => 'off: no database-url is set', [Symbol.asyncDispose]: async () => undefined };
  }
  const db = gateDatabase(openDatabase({ url, log, maxConnections: CONNECTIONS }), { url, log });
  const writer = new HistoryWriter({ db, retention, log, registry });
  const stop = new AbortController();
  const loops = [db.open(stop.signal), writer.writeLoop(stop.signal), writer.pruneLoop(stop.signal)];
  return {
    history: writer,
    state: () => writer.state,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(loops);
      await db[Symbol.asyncDispose]();
    },
  };
}
