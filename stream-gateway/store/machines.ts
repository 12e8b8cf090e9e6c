// Machines among the people: keys, tickets and locks refer to the row. The Teams say who is one; this says nothing about it.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Person } from './people.ts';

/** Makes the row where it is missing. @returns whether the machine is locked */
export async function noteMachine(db: Queryable, { name, displayName }: Person): Promise<{ readonly locked: boolean }> {
  const [row] = await db.query<{ locked: boolean }>(
    `with added as (insert into people (name, display_name) values ($1, $2) on conflict (name) do nothing)
     select exists (select from person_locks where name = $1) as locked`,
    [name, displayName],
  );
  return { locked: row?.locked ?? true };
}
