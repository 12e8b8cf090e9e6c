// People as the identity provider last described them. The groups kept here are the ones that API keys act with.
import type { Queryable } from '../../runtime/db/database.ts';

export interface Person {
  readonly name: string;
  readonly displayName: string;
  readonly groups: readonly string[];
}

/** Who the identity provider says it is: the name may be given to another account one day, this pair never is. */
export interface Account {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * After a sign-in: what the provider says replaces what was known.
 * @param options.sameAccount a name that another account has had stays with that one
 * @returns false where it was another's; nothing has changed
 */
export async function savePerson(
  db: Queryable,
  person: Person,
  account: Account,
  options: { readonly sameAccount: boolean } = { sameAccount: false },
): Promise<boolean> {
  const rows = await db.query(
    `insert into people (name, display_name, groups, issuer, subject, last_sign_in_at, confirmed_at)
     values ($1, $2, $3, $4, $5, now(), now())
     on conflict (name) do update
       set display_name = excluded.display_name, groups = excluded.groups, issuer = excluded.issuer,
           subject = excluded.subject, last_sign_in_at = excluded.last_sign_in_at, confirmed_at = excluded.confirmed_at
       where not $6 or people.subject is null or (people.issuer, people.subject) = (excluded.issuer, excluded.subject)
     returning name`,
    [person.name, person.displayName, person.groups, account.issuer, account.subject, options.sameAccount],
  );
  return rows.length > 0;
}

/**
 * A person who has not signed in yet, such as the demo people of a local installation. An existing one gets these groups,
 * and is one whom no provider has to confirm.
 */
export async function seedPerson(db: Queryable, person: Person): Promise<void> {
  await db.query(
    `insert into people (name, display_name, groups) values ($1, $2, $3)
     on conflict (name) do update
       set display_name = excluded.display_name, groups = excluded.groups, confirmed_at = null`,
    [person.name, person.displayName, person.groups],
  );
}

/** As the provider last described him; `undefined`: has never signed in. */
export async function findPerson(db: Queryable, name: string): Promise<Person | undefined> {
  const sql = 'select name, display_name as "displayName", groups from people where name = $1';
  return (await db.query<{ name: string; displayName: string; groups: readonly string[] }>(sql, [name]))[0];
}
