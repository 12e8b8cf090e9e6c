// Which sign-ins the identity provider has to confirm again, and what came of it. The lock is a time in the row: nobody
// holds a transaction while the provider thinks.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Account, Person } from './people.ts';

export interface DueSignIn {
  readonly id: string;
  readonly person: Person;
  readonly account: Account;
  /** Sealed. */
  readonly refreshToken: Buffer;
}

interface DueRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
  readonly issuer: string;
  readonly subject: string;
  readonly refresh_token: Buffer;
}

/**
 * Claims those that were not confirmed for `ageMs`; nobody else gets them for a minute, which is how long a replica may take
 * over one. At most `limit`, the longest unconfirmed first.
 */
export async function claimDue(db: Queryable, ageMs: number, limit: number): Promise<readonly DueSignIn[]> {
  const rows = await db.query<DueRow>(
    `update sign_ins s set confirming_until = now() + interval '1 minute' from people p
      where p.name = s.person and p.issuer is not null and s.id in (
        select id from sign_ins
         where refresh_token is not null and confirmed_at < now() - $1 * interval '1 millisecond'
           and coalesce(confirming_until < now(), true) and idle_after > now() and expires_at > now()
         order by confirmed_at limit $2 for update skip locked)
     returning s.id, s.refresh_token, p.name, p.display_name, p.groups, p.issuer, p.subject`,
    [ageMs, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    person: { name: row.name, displayName: row.display_name, groups: row.groups },
    account: { issuer: row.issuer, subject: row.subject },
    refreshToken: row.refresh_token,
  }));
}

/**
 * Of one sign-in, for all of the person's. @param refreshToken sealed
 * @returns false where the sign-in has ended meanwhile: what was said of it changes nothing any more
 */
export async function saveConfirmed(db: Queryable, id: string, person: Person, refreshToken: Buffer): Promise<boolean> {
  const rows = await db.query(
    `with confirmed as (
       update sign_ins set refresh_token = $5, confirmed_at = now(), confirming_until = null where id = $1 returning person)
     update people set display_name = $3, groups = $4, confirmed_at = now()
      where name = $2 and name in (select person from confirmed) returning name`,
    [id, person.name, person.displayName, person.groups, refreshToken],
  );
  return rows.length > 0;
}

/**
 * Sign-ins of people whose IdentityProvider is none of these. Their API keys do not count from now on: nobody confirms their owners.
 * At most 500 sign-ins at a time.
 */
export async function withoutProvider(
  db: Queryable,
  providers: readonly string[],
): Promise<readonly { readonly id: string; readonly person: string }[]> {
  await db.query(
    `update people set confirmed_at = 'epoch'
      where name like '%:%' and split_part(name, ':', 1) <> all($1::text[]) and confirmed_at > 'epoch'`,
    [providers],
  );
  return await db.query<{ id: string; person: string }>(
    `select id, person from sign_ins where person like '%:%' and split_part(person, ':', 1) <> all($1::text[]) order by id limit 500`,
    [providers],
  );
}
