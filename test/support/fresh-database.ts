// A database of its own on the server of the installation under test, with our tables and nobody else's rows.
import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '../../runtime/db/database.ts';
import { migrate } from '../../runtime/db/migrate.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { databaseOf, dropDatabase } from './database.ts';
import type { Servers } from './servers.ts';

export interface FreshDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly url: string;
}

/** @param template `template0`: there the role of the service owns the audit log, and can do to it what a superuser can. */
export async function freshDatabase(servers: Servers, template: 'template0' | 'template1' = 'template1'): Promise<FreshDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(servers.databaseUrl);
  url.pathname = `/${name}`;
  const log = createLogger({ name: 'test', level: 'error' });
  await using admin = databaseOf(servers);
  await admin.query(`create database ${name} template ${template}`);
  await migrate({ url: url.href, log });
  const db = openDatabase({ url: url.href, log, maxConnections: 4 });
  return {
    db,
    url: url.href,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await using admin = databaseOf(servers);
      await dropDatabase(admin, name);
    },
  };
}
