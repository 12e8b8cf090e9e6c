// A database of its own on the server of the installation under test, with our tables and nobody else's rows.
import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '../../runtime/db/database.ts';
import { migrate } from '../../runtime/db/migrate.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { databaseOf } from './database.ts';
import type { Servers } from './servers.ts';

export interface FreshDatabase extends AsyncDisposable {
  readonly db: Database;
}

export async function freshDatabase(servers: Servers): Promise<FreshDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(servers.databaseUrl);
  url.pathname = `/${name}`;
  const log = createLogger({ name: 'test', level: 'error' });
  await using admin = databaseOf(servers);
  await admin.query(`create database ${name}`);
  await migrate({ url: url.href, log });
  const db = openDatabase({ url: url.href, log, maxConnections: 4 });
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await using admin = databaseOf(servers);
      await admin.query(`drop database ${name} with (force)`);
    },
  };
}
