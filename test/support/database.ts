// The database of the installation under test, for what no API shows.
import { type Database, openDatabase } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export function databaseOf(servers: Servers): Database {
  return openDatabase({ url: servers.databaseUrl, log: createLogger({ name: 'test', level: 'error' }), maxConnections: 1 });
}

export async function dropDatabase(admin: Database, name: string): Promise<void> {
  // The server's own vacuum may be in it for a moment, and that is not ours to end.
  await eventually('the database goes', () => admin.query(`drop database ${name} with (force)`).then(() => true));
}
