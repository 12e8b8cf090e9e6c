// Who is locked out. Every query that lets somebody in looks here itself, so that a lock counts from the next look on.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Account } from './people.ts';

export interface PersonLock {
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** Replaces the reason of a lock that is there. Of somebody who was never here as well. */
export async function lockPerson(
  db: Queryable,
  name: string,
  lock: { readonly by: string; readonly reason: string },
): Promise<void> {
  await db.query(
    `insert into person_locks (name, issuer, subject, locked_by, reason)
     select $1, p.issuer, p.subject, $2, $3 from (select 1) one left join people p on p.name = $1
     on conflict (name) do update set locked_by = excluded.locked_by, reason = excluded.reason, locked_at = now()`,
    [name, lock.by, lock.reason],
  );
}

/** @returns false where there was none */
export async function unlockPerson(db: Queryable, name: string): Promise<boolean> {
  return (await db.query('delete from person_locks where name = $1 returning name', [name])).length > 0;
}

/** By name, or by the account of one who was locked under another name. */
export async function isLocked(db: Queryable, name: string, account?: Account): Promise<boolean> {
  const rows = await db.query('select name from person_locks where name = $1 or (issuer = $2 and subject = $3) limit 1', [
    name,
    account?.issuer ?? null,
    account?.subject ?? null,
  ]);
  return rows.length > 0;
}
