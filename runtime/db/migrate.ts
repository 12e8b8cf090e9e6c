// Numbered SQL files, applied in order, once, under an advisory lock (node-pg-migrate does the work).
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Logger } from '../log/log.ts';

/** Brings the database to the newest schema. Safe to call from several processes at once: the others wait. */
export async function migrate(options: { readonly url: string; readonly log: Logger }): Promise<void> {
  const { log } = options;
  await runner({
    databaseUrl: options.url,
    dir: fileURLToPath(new URL('./migrations', import.meta.url)),
    direction: 'up',
    migrationsTable: 'schema_migrations',
    singleTransaction: true,
    // Another process may be migrating this very moment; without this the second one fails instead of waiting.
    advisoryLockMode: 'wait',
    logger: {
      debug: () => undefined,
      info: (message) => log.debug({ message }, 'migration'),
      warn: (message) => log.warn({ message }, 'migration'),
      error: (message) => log.error({ message }, 'migration'),
    },
  });
}
