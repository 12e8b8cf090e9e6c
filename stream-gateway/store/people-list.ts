// People as an admin sees them: with what they have open. And how one is forgotten.
import type { Queryable } from '../../runtime/db/database.ts';
import type { PersonLock } from './person-locks.ts';

export interface ListedPerson {
  readonly name: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  readonly lastSignInAt: Date | null;
  readonly signIns: number;
  readonly apiKeys: number;
  readonly lock: PersonLock | null;
}

export interface PeopleFilter {
  /** Part of a name, a displayed name or a group, in whatever case. */
  readonly search?: string | undefined;
  readonly locked?: boolean | undefined;
  /** In full. */
  readonly name?: string | undefined;
  /** Only names after this one. */
  readonly after?: string | undefined;
}

interface PersonRow extends Record<string, unknown> {
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
  readonly last_sign_in_at: Date | null;
  readonly sign_ins: number;
  readonly api_keys: number;
  readonly locked_by: string | null;
  readonly reason: string | null;
  readonly locked_at: Date | null;
}

/** By name. Who is locked and was never here, or is forgotten, is among them. */
export async function listPeople(db: Queryable, filter: PeopleFilter, limit: number): Promise<readonly ListedPerson[]> {
  const { search, locked, name, after } = filter;
  const rows = await db.query<PersonRow>(
    `select e.*,
            (select count(*)::int from sign_ins s where s.person = e.name and s.idle_after > now() and s.expires_at > now()) as sign_ins,
            (select count(*)::int from api_keys k where k.owner = e.name and k.expires_at > now()) as api_keys
       from (select name, coalesce(p.display_name, name) as display_name, coalesce(p.groups, '{}') as groups, p.last_sign_in_at,
                    l.locked_by, l.reason, l.locked_at from people p full join person_locks l using (name)) e
      where ($1::text is null or position(lower($1) in lower(name || ' ' || display_name || ' ' || array_to_string(groups, ' '))) > 0)
        and ($2::boolean is null or (locked_at is not null) = $2)
        and ($3::text is null or name = $3) and ($4::text is null or name > $4)
      order by name limit $5`,
    [search ?? null, locked ?? null, name ?? null, after ?? null, limit],
  );
  return rows.map((row) => ({
    ...{ name: row.name, displayName: row.display_name, groups: row.groups, lastSignInAt: row.last_sign_in_at },
    ...{ signIns: row.sign_ins, apiKeys: row.api_keys },
    lock:
      row.locked_at === null || row.locked_by === null
        ? null
        : { by: row.locked_by, reason: row.reason ?? '', at: row.locked_at },
  }));
}

/**
 * Everything that is kept of a person but the history and a lock: sign-ins, keys and layouts go with the row of the person.
 * @returns false when there is none
 */
export async function forgetPerson(db: Queryable, name: string): Promise<boolean> {
  for (const table of ['tickets', 'idempotency_keys']) await db.query(`delete from ${table} where person = $1`, [name]);
  await db.query('delete from share_visits where person = $1 and not guest', [name]);
  return (await db.query('delete from people where name = $1 returning name', [name])).length > 0;
}
