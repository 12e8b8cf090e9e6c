// What is known of people who say something at a forge: their groups, as they last signed in, and whether they are locked out.
import { openDatabase, type Queryable } from '../../runtime/db/database.ts';
import { gateDatabase } from '../../runtime/db/gated-database.ts';
import { CONFIRMED_LATELY } from '../../runtime/db/person-state.ts';
import type { Logger } from '../../runtime/log/log.ts';

export interface KnownPerson {
  /** None of somebody who has not signed in for a month. */
  readonly groups: readonly string[];
  readonly locked: boolean;
}

export interface KnownPeople {
  /** @throws DatabaseUnavailable */
  find(name: string): Promise<KnownPerson>;
}

/** Without a database rights come from bindings to the person alone. */
export const UNKNOWN_PEOPLE: KnownPeople = { find: async () => ({ groups: [], locked: false }) };

export async function findKnownPerson(db: Queryable, name: string): Promise<KnownPerson> {
  const [row] = await db.query<{ readonly groups: readonly string[] | null; readonly locked: boolean }>(
    `select (select p.groups from people p where p.name = $1 and ${CONFIRMED_LATELY}) as groups,
            exists (select from person_locks l where l.name = $1) as locked`,
    [name],
  );
  return { groups: row?.groups ?? [], locked: row?.locked ?? false };
}

/** Returns at once; the database may come later. */
export function openKnownPeople(
  { databaseUrl: url }: { readonly databaseUrl: string | undefined },
  log: Logger,
): KnownPeople & AsyncDisposable {
  if (url === undefined) return { ...UNKNOWN_PEOPLE, [Symbol.asyncDispose]: async () => undefined };
  const db = gateDatabase(openDatabase({ url, log, maxConnections: 1 }), { url, log });
  const stop = new AbortController();
  const opening = db.open(stop.signal);
  return {
    find: (name) => findKnownPerson(db, name),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await opening;
      await db[Symbol.asyncDispose]();
    },
  };
}
