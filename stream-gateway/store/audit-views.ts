// Searches of the audit log that a person keeps under a name.
import type { Queryable } from '../../runtime/db/database.ts';

export interface KeptView {
  readonly name: string;
  readonly query: string;
  readonly savedAt: Date;
}

const MAX_VIEWS = 50;

interface ViewRow extends Record<string, unknown> {
  readonly name: string;
  readonly query: string;
  readonly saved_at: Date;
}

/** By name. */
export async function listAuditViews(db: Queryable, owner: string): Promise<readonly KeptView[]> {
  const rows = await db.query<ViewRow>('select name, query, saved_at from audit_views where owner = $1 order by name limit $2', [
    owner,
    MAX_VIEWS,
  ]);
  return rows.map(keptView);
}

/** The owner must be in `people`. @returns undefined: there are {@link MAX_VIEWS} others already */
export async function saveAuditView(db: Queryable, owner: string, name: string, query: string): Promise<KeptView | undefined> {
  const [row] = await db.query<ViewRow>(
    `insert into audit_views (owner, name, query)
       select $1, $2, $3 where (select count(*) from audit_views where owner = $1 and name <> $2) < $4
     on conflict (owner, name) do update set query = excluded.query, saved_at = clock_timestamp()
     returning name, query, saved_at`,
    [owner, name, query, MAX_VIEWS],
  );
  return row === undefined ? undefined : keptView(row);
}

/** One that is not there is deleted already. */
export async function deleteAuditView(db: Queryable, owner: string, name: string): Promise<void> {
  await db.query('delete from audit_views where owner = $1 and name = $2', [owner, name]);
}

function keptView({ name, query, saved_at: savedAt }: ViewRow): KeptView {
  return { name, query, savedAt };
}
