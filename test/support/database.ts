// The database of the installation under test, for what no API shows.
import { type Database, openDatabase } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { Servers } from './servers.ts';

export function databaseOf(servers: Servers): Database {
  return openDatabase({ url: servers.databaseUrl, log: createLogger({ name: 'test', level: 'error' }), maxConnections: 1 });
}
