// What a person came with, as one word: `sign-in:<id>` or `api-key:<id>`. Long connections end with it.
import type { Queryable } from '../../runtime/db/database.ts';
import { KEY_OWNER_CONFIRMED } from './api-keys.ts';
import type { Person } from './people.ts';
import { NOT_LOCKED } from './person-locks.ts';

interface LiveRow extends Record<string, unknown> {
  readonly credential: string;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
}

/** Those of the given that still count, each with its person as the provider last described him; others are missing. */
export async function liveCredentials(db: Queryable, credentials: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  const idsOf = (prefix: string): string[] =>
    credentials.flatMap((credential) => (credential.startsWith(prefix) ? [credential.slice(prefix.length)] : []));
  const rows = await db.query<LiveRow>(
    `select 'sign-in:' || s.id as credential, p.name, p.display_name, p.groups
       from sign_ins s join people p on p.name = s.person
      where s.id = any($1::uuid[]) and s.idle_after > now() and s.expires_at > now() and ${NOT_LOCKED}
     union all
     select 'api-key:' || k.id, p.name, p.display_name, p.groups
       from api_keys k join people p on p.name = k.owner
      where k.id = any($2::text[]) and k.expires_at > now() and ${KEY_OWNER_CONFIRMED} and ${NOT_LOCKED}
     order by 1 limit $3`,
    [idsOf('sign-in:'), idsOf('api-key:'), credentials.length],
  );
  return new Map(rows.map((row) => [row.credential, { name: row.name, displayName: row.display_name, groups: row.groups }]));
}
