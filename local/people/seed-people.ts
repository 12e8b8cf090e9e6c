// The demo people in the database, each with one API key that stays the same from start to start.
import { openDatabase } from '../../runtime/db/database.ts';
import { migrate } from '../../runtime/db/migrate.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { createApiKey, findKeyOwner } from '../../stream-gateway/store/api-keys.ts';
import { seedPerson } from '../../stream-gateway/store/people.ts';
import type { LocalPerson } from './people.ts';

const KEY_NAME = 'local installation';
const KEY_DAYS = 365;

export interface SeedOptions {
  readonly databaseUrl: string;
  readonly people: readonly LocalPerson[];
  /** Keys of an earlier start, by person. One that the database does not know (any more) is replaced. */
  readonly keys: ReadonlyMap<string, string>;
  readonly now: Date;
  readonly log: Logger;
}

/** @returns the key of each person */
export async function seedPeople(options: SeedOptions): Promise<ReadonlyMap<string, string>> {
  const { databaseUrl, people, now, log } = options;
  await migrate({ url: databaseUrl, log });
  await using db = openDatabase({ url: databaseUrl, log, maxConnections: 1 });
  const keys = new Map<string, string>();
  for (const { name, displayName, groups } of people) {
    await seedPerson(db, { name, displayName, groups });
    const kept = options.keys.get(name);
    const owner = kept === undefined ? undefined : await findKeyOwner(db, kept);
    if (kept !== undefined && owner?.person.name === name) {
      keys.set(name, kept);
      continue;
    }
    const expiresAt = new Date(now.getTime() + KEY_DAYS * 86_400_000);
    keys.set(name, (await createApiKey(db, { owner: name, name: KEY_NAME, expiresAt })).key);
  }
  return keys;
}
