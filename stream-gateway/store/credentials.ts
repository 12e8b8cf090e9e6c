// What a person came with, as one word: `sign-in:<id>` or `api-key:<id>`. Long connections end with it.
import type { Queryable } from '../../runtime/db/database.ts';

/** Those of the given that still count; an expired, deleted or unknown one is missing. */
export async function liveCredentials(db: Queryable, credentials: readonly string[]): Promise<ReadonlySet<string>> {
  const idsOf = (prefix: string): string[] =>
    credentials.flatMap((credential) => (credential.startsWith(prefix) ? [credential.slice(prefix.length)] : []));
  const rows = await db.query<{ credential: string }>(
    `select 'sign-in:' || id as credential from sign_ins
      where id = any($1::uuid[]) and idle_after > now() and expires_at > now()
     union all
     select 'api-key:' || id from api_keys where id = any($2::text[]) and expires_at > now()
     order by 1 limit $3`,
    [idsOf('sign-in:'), idsOf('api-key:'), credentials.length],
  );
  return new Set(rows.map((row) => row.credential));
}
