// What the controller has written of its syncs; the gateway only reads it. One index serves each query with its order.
import type { Queryable } from '../../runtime/db/database.ts';
import type { ObjectHealth, SyncChange, SyncProblem, SyncResult, SyncTrigger } from '../../schemas/sync-history.ts';

export interface GitSyncName {
  readonly namespace: string;
  readonly name: string;
}

export interface SyncRow extends Record<string, unknown> {
  readonly seq: string;
  readonly id: string;
  readonly uid: string;
  readonly revision: string | null;
  readonly previous_revision: string | null;
  readonly author: string | null;
  readonly message: string | null;
  readonly trigger: SyncTrigger;
  readonly requested_by: string | null;
  readonly requested_by_verified: boolean;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly result: SyncResult;
  readonly code: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly written: number;
  readonly deleted: number;
  readonly changes: readonly SyncChange[];
  readonly changes_left_out: number;
  readonly problems: readonly SyncProblem[];
  readonly controller: string;
}

/** Newest first (index `syncs_of`). @param page.before only rows before this one */
export async function listSyncs(
  db: Queryable,
  { namespace, name }: GitSyncName,
  page: { readonly before: bigint | undefined; readonly limit: number },
): Promise<readonly SyncRow[]> {
  return await db.query<SyncRow>(
    `select * from syncs where namespace = $1 and name = $2 and ($3::bigint is null or seq < $3) order by seq desc limit $4`,
    [namespace, name, page.before?.toString() ?? null, page.limit],
  );
}

export interface ObjectRow extends Record<string, unknown> {
  readonly object: string;
  readonly version: string;
  readonly unit: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly document: number | null;
  readonly revision: string | null;
  readonly changed_at: Date;
  readonly health: ObjectHealth;
  readonly health_message: string;
  readonly commit_revision: string | null;
  readonly commit_author: string | null;
  readonly commit_message: string | null;
  readonly commit_time: Date | null;
}

const OBJECT = `select o.object, o.version, o.unit, o.file, o.line, o.document, o.revision, o.changed_at, o.health, o.health_message,
  f.revision as commit_revision, f.author as commit_author, f.message as commit_message, f.committed_at as commit_time
  from sync_objects o left join sync_files f on f.gitsync_uid = o.gitsync_uid and f.file = o.file`;

/** By object id (primary key). @param page.after only objects after this one */
export async function listObjects(
  db: Queryable,
  uid: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly ObjectRow[]> {
  const sql = `${OBJECT} where o.gitsync_uid = $1 and o.object > $2 order by o.object limit $3`;
  return await db.query<ObjectRow>(sql, [uid, page.after, page.limit]);
}

export async function findObject(db: Queryable, uid: string, object: string): Promise<ObjectRow | undefined> {
  return (await db.query<ObjectRow>(`${OBJECT} where o.gitsync_uid = $1 and o.object = $2`, [uid, object]))[0];
}

/** JSON, or null where it was too large to keep; `undefined`: Git wants no such object. */
export async function findWanted(db: Queryable, uid: string, object: string): Promise<unknown> {
  const sql = 'select wanted from sync_objects where gitsync_uid = $1 and object = $2';
  return (await db.query<{ readonly wanted: unknown }>(sql, [uid, object]))[0]?.wanted;
}
