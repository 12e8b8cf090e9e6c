// The database as a process may use it: not before its tables are of this version. Until then it is as good as away.

import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Logger } from '../log/log.ts';
import { delay } from '../shutdown/shutdown.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

export interface GatedDatabase extends Database {
  readonly migrated: boolean;
  /** Migrates, again and again until it has worked or the signal is aborted. */
  open(signal: AbortSignal): Promise<void>;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

/** Owns `db`. */
export function gateDatabase(db: Database, options: { readonly url: string; readonly log: Logger }): GatedDatabase {
  let migrated = false;
  const requireOpen = (): void => {
    if (!migrated) throw new StreamSpaceError('DatabaseUnavailable', 'the database is not ready for this version yet');
  };
  return {
    get migrated() {
      return migrated;
    },
    async open(signal) {
      for (let waitMs = FIRST_RETRY_MS; !migrated && !signal.aborted; waitMs = Math.min(2 * waitMs, MAX_RETRY_MS)) {
        try {
          await migrate(options);
          migrated = true;
        } catch (error) {
          options.log.warn({ err: error, waitMs }, 'the database could not be migrated; it is tried again');
          await delay(waitMs, signal).catch(() => undefined);
        }
      }
    },
    async query(sql, values) {
      requireOpen();
      return await db.query(sql, values);
    },
    async transaction(work) {
      requireOpen();
      return await db.transaction(work);
    },
    alive: () => db.alive(),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}
