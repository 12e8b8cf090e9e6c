// How far each sink is in the audit log, and which replica delivers to it.
import type { Queryable } from '../../runtime/db/database.ts';
import { type EventRow, presentRow, type StoredEvent } from './audit.ts';

/** Longer than a delivery may take, so that what one replica sends no other sends at the same time. */
const HELD_SECONDS = 45;

/** A new one begins at the end of the log. @returns `seq` of the last event that it has taken; undefined: another replica has it */
export async function claimSink(db: Queryable, name: string, holder: string): Promise<bigint | undefined> {
  await db.query(
    'insert into event_sinks (name, seq) select $1, coalesce(max(last_seq), 0) from audit_months on conflict (name) do nothing',
    [name],
  );
  const [row] = await db.query<{ seq: string }>(
    `update event_sinks set holder = $2, held_until = now() + interval '${HELD_SECONDS} seconds'
      where name = $1 and (holder = $2 or held_until < now()) returning seq`,
    [name, holder],
  );
  return row === undefined ? undefined : BigInt(row.seq);
}

/** The receiver has everything up to `seq`. */
export async function advanceSink(db: Queryable, name: string, holder: string, seq: bigint): Promise<void> {
  await db.query('update event_sinks set seq = greatest(seq, $3), problem = null where name = $1 and holder = $2', [
    name,
    holder,
    String(seq),
  ]);
}

/** @param problem null: there is none any more */
export async function noteProblem(db: Queryable, name: string, holder: string, problem: string | null): Promise<void> {
  await db.query('update event_sinks set problem = $3 where name = $1 and holder = $2 and problem is distinct from $3', [
    name,
    holder,
    problem,
  ]);
}

/** So that another replica need not wait. */
export async function releaseSink(db: Queryable, name: string, holder: string): Promise<void> {
  await db.query("update event_sinks set held_until = '-infinity' where name = $1 and holder = $2", [name, holder]);
}

export interface SinkState {
  readonly seq: bigint;
  readonly problem: string | null;
}

export async function sinkStates(db: Queryable, names: readonly string[]): Promise<ReadonlyMap<string, SinkState>> {
  const rows = await db.query<{ name: string; seq: string; problem: string | null }>(
    'select name, seq, problem from event_sinks where name = any($1) order by name limit 1000',
    [names],
  );
  return new Map(rows.map(({ name, seq, problem }) => [name, { seq: BigInt(seq), problem }]));
}

/** In their order. `seq` is given under the lock of the chain, so none with a smaller one comes later. */
export async function eventsAfter(db: Queryable, seq: bigint, limit: number): Promise<readonly StoredEvent[]> {
  const rows = await db.query<EventRow>(
    `select seq, id, at, type, actor, result, object, source_address, request_id, details
       from audit_events where seq > $1 order by seq limit $2`,
    [String(seq), limit],
  );
  return rows.map(presentRow);
}
