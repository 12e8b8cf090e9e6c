// The tables `syncs`, `sync_objects` and `sync_files`, as the controller writes them. Everything can be sent again.
import type { Queryable } from '../../../runtime/db/database.ts';
import type { ObjectRecord } from './object-record.ts';
import type { SyncRecord } from './sync-record.ts';

/** In the order given. A failure that repeats the one before it, with nothing written, counts up there. */
export async function appendSync(db: Queryable, record: SyncRecord): Promise<void> {
  const repeats = record.result === 'failed' && record.written + record.deleted === 0 && record.trigger === 'retry';
  if (repeats && (await countUp(db, record))) return;
  await db.query(
    `insert into syncs (id, last_id, namespace, name, uid, revision, previous_revision, author, message, committed_at, trigger,
                        requested_by, requested_by_verified, started_at, finished_at, result, code, reason, counts, written,
                        deleted, changes, changes_left_out, problems, controller)
     values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
     on conflict (id) do nothing`,
    [
      record.id,
      record.namespace,
      record.name,
      record.uid,
      record.revision ?? null,
      record.previousRevision ?? null,
      record.commit?.author ?? null,
      record.commit?.message ?? null,
      record.commit?.time ?? null,
      record.trigger,
      record.asked?.by ?? null,
      record.asked?.verified ?? false,
      record.startedAt,
      record.finishedAt,
      record.result,
      record.code ?? null,
      record.reason ?? null,
      JSON.stringify(record.counts),
      record.written,
      record.deleted,
      JSON.stringify(record.changes),
      record.changesLeftOut,
      JSON.stringify(record.problems),
      record.controller,
    ].map(withoutNul),
  );
}

/** True when the newest row of the GitSync is the same failure; also when this very record is counted there already. */
async function countUp(db: Queryable, record: SyncRecord): Promise<boolean> {
  const rows = await db.query(
    `update syncs set attempts = attempts + case when last_id = $1 then 0 else 1 end, last_id = $1, finished_at = $2
      where seq = (select max(seq) from syncs where uid = $3)
        and result = 'failed' and code is not distinct from $4 and revision is not distinct from $5 and reason is not distinct from $6
      returning seq`,
    [record.id, record.finishedAt, record.uid, record.code ?? null, record.revision ?? null, record.reason ?? null].map(
      withoutNul,
    ),
  );
  return rows.length > 0;
}

export interface ObjectsOf {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: string;
  readonly at: string;
  /** Gone through once. */
  readonly objects: Iterable<ObjectRecord>;
  /** Further objects of the inventory, of which nothing new is known. */
  readonly kept: readonly string[];
}

const BATCH = 200;

/** Makes the rows of this GitSync exactly these; a row that says the same already is not written. */
export async function saveObjects(
  db: Queryable,
  { uid, namespace, name, revision, at, objects, kept }: ObjectsOf,
): Promise<void> {
  const told: string[] = [];
  for (const batch of batchesOf(objects, BATCH)) {
    told.push(...batch.map(({ object }) => object));
    await db.query(
      `insert into sync_objects as s (gitsync_uid, object, namespace, name, version, file, line, document, unit, revision, changed_at,
                                      health, health_message, wanted, wanted_hash)
       select $1, o->>'object', $2, $3, o->>'version', o->>'file', (o->>'line')::int, (o->>'document')::int, o->>'unit', $4, $5,
              o->>'health', o->>'healthMessage', (o->>'wanted')::jsonb, decode(o->>'wantedHash', 'hex')
         from jsonb_array_elements($6::jsonb) as list (o)
       on conflict (gitsync_uid, object) do update set
         namespace = excluded.namespace, name = excluded.name, version = excluded.version,
         file = excluded.file, line = excluded.line, document = excluded.document, unit = excluded.unit,
         health = excluded.health, health_message = excluded.health_message,
         wanted = case when s.wanted_hash = excluded.wanted_hash then s.wanted else excluded.wanted end,
         wanted_hash = excluded.wanted_hash,
         revision = case when s.wanted_hash = excluded.wanted_hash then s.revision else excluded.revision end,
         changed_at = case when s.wanted_hash = excluded.wanted_hash then s.changed_at else excluded.changed_at end
       where (s.version, s.file, s.line, s.document, s.unit, s.health, s.health_message, s.wanted_hash)
             is distinct from
             (excluded.version, excluded.file, excluded.line, excluded.document, excluded.unit, excluded.health, excluded.health_message, excluded.wanted_hash)`,
      [uid, namespace, name, revision, at, withoutNul(JSON.stringify(batch.map(({ exact: _exact, ...row }) => row)))],
    );
    const exact = batch.filter((row) => row.exact).map(({ object, wanted }) => ({ object, wanted }));
    if (exact.length > 0)
      await db.query(
        `update sync_objects s set wanted = (o->>'wanted')::jsonb
           from jsonb_array_elements($2::jsonb) as list (o)
          where s.gitsync_uid = $1 and s.object = o->>'object' and s.wanted is distinct from (o->>'wanted')::jsonb`,
        [uid, withoutNul(JSON.stringify(exact))],
      );
  }
  await db.query('delete from sync_objects where gitsync_uid = $1 and not (object = any($2::text[]))', [uid, [...told, ...kept]]);
}

function* batchesOf<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A GitSync that is gone: its history stays until it is old. */
export async function forgetObjects(db: Queryable, uid: string): Promise<void> {
  await db.query('delete from sync_objects where gitsync_uid = $1', [uid]);
  await db.query('delete from sync_files where gitsync_uid = $1', [uid]);
}

export interface Retention {
  readonly maxAgeDays: number;
  /** Of one GitSync. */
  readonly maxRows: number;
}

const PRUNE_BATCH = 500;

/** Deletes at most one small batch of each kind; gives how many rows went. */
export async function pruneHistory(db: Queryable, { maxAgeDays, maxRows }: Retention): Promise<number> {
  const old = await db.query(
    `delete from syncs where seq in
       (select seq from syncs where started_at < now() - make_interval(days => $1) order by started_at limit $2) returning seq`,
    [maxAgeDays, PRUNE_BATCH],
  );
  const many = await db.query(
    `delete from syncs where seq in
       (select s.seq from (select uid from syncs group by uid having count(*) > $1) as busy
          cross join lateral (select seq from syncs where syncs.uid = busy.uid order by seq desc offset $1 limit $2) as s
        limit $2) returning seq`,
    [maxRows, PRUNE_BATCH],
  );
  return old.length + many.length;
}

/** PostgreSQL has no NUL in texts, a commit message may have one. */
function withoutNul(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replaceAll('\0', '').replaceAll('\\u0000', '');
}
