// The audit log as it is searched: newest first. It is written by runtime/audit/.
import type { StampedEvent } from '../../runtime/audit/append-events.ts';
import type { Queryable } from '../../runtime/db/database.ts';
import type { AuditEvent, AuditEventType } from '../../schemas/events.ts';
import { type AuditSearch, searchConditions } from './audit-search.ts';
import { newestWithWords, type WordsRange } from './audit-words.ts';

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly type?: AuditEventType | undefined;
  /** `kind/namespace/name`, in full. */
  readonly object?: string | undefined;
  /** Only events before this one. */
  readonly before?: bigint | undefined;
  readonly search?: AuditSearch | undefined;
}

export interface StoredEvent extends StampedEvent {
  readonly seq: bigint;
}

export interface EventRow extends Record<string, unknown> {
  readonly seq: string;
  readonly id: string;
  readonly at: Date;
  readonly type: AuditEventType;
  readonly actor: string | null;
  readonly result: AuditEvent['result'];
  readonly object: string | null;
  readonly source_address: string | null;
  readonly request_id: string | null;
  readonly details: NonNullable<AuditEvent['details']> | null;
}

function whereOf(filter: AuditFilter, values: unknown[], range: WordsRange): string {
  const add = (value: unknown): string => `$${values.push(value)}`;
  const conditions = Object.entries({
    actor: filter.actor,
    type: filter.type,
    object: filter.object,
  }).flatMap(([column, value]) => (value === undefined ? [] : [`${column} = ${add(value)}`]));
  if (range.before !== undefined) conditions.push(`seq < ${add(range.before.toString())}`);
  if (range.floor !== undefined) conditions.push(`seq >= ${add(range.floor.toString())}`);
  if (range.from !== undefined) conditions.push(`at >= ${add(range.from)}::timestamptz`);
  if (range.until !== undefined) conditions.push(`at < ${add(range.until)}::timestamptz`);
  if (filter.search !== undefined) conditions.push(...searchConditions(filter.search, add));
  return conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
}

/**
 * How many events a filter finds, and the newest of them.
 * @returns `count` is at most `limit`
 */
export async function countEvents(
  db: Queryable,
  filter: AuditFilter,
  limit: number,
): Promise<{ readonly count: number; readonly newest: bigint | undefined }> {
  const values: unknown[] = [];
  const where = whereOf(filter, values, { before: filter.before });
  const [row] = await db.query<{ count: number; newest: string | null }>(
    `select count(*)::integer as count, max(seq) as newest
       from (select seq from audit_events ${where} order by seq desc limit $${values.push(limit)}) as found`,
    values,
  );
  return { count: row?.count ?? 0, newest: row?.newest == null ? undefined : BigInt(row.newest) };
}

/** Every event that a filter finds, newest first, a page at a time: each page is a statement of its own. */
export async function* eachPage(db: Queryable, filter: AuditFilter, size: number): AsyncGenerator<readonly StoredEvent[]> {
  let before = filter.before;
  for (;;) {
    const page = await listEvents(db, { ...filter, before }, size);
    if (page.length > 0) yield page;
    if (page.length < size) return;
    before = page.at(-1)?.seq;
  }
}

/** Newest first. One index serves each filter together with the order (`audit_events_actor` and its sisters). */
export async function listEvents(db: Queryable, filter: AuditFilter, limit: number): Promise<readonly StoredEvent[]> {
  const rowsIn = async (range: WordsRange, count: number): Promise<readonly EventRow[]> => {
    const values: unknown[] = [];
    const where = whereOf(filter, values, range);
    const events = `select seq, id, at, type, actor, result, object, source_address, request_id, details from audit_events ${where}`;
    // Of a part of the log the index of words is asked: beside a limit PostgreSQL would take it for cheaper to look at each row.
    const statement = range.from === undefined ? events : `with found as materialized (${events}) select * from found`;
    return await db.query<EventRow>(`${statement} order by seq desc limit $${values.push(count)}`, values);
  };
  const hasWords = filter.search?.terms.some(({ key, negated }) => !negated && (key === 'text' || key === 'commit')) === true;
  const { before } = filter;
  const rows = hasWords ? await newestWithWords(db, rowsIn, before, limit) : await rowsIn({ before }, limit);
  return rows.map(presentRow);
}

export function presentRow(row: EventRow): StoredEvent {
  return {
    seq: BigInt(row.seq),
    id: row.id,
    at: row.at.toISOString(),
    type: row.type,
    actor: row.actor,
    result: row.result,
    ...(row.object === null ? {} : { object: row.object }),
    ...(row.source_address === null ? {} : { sourceAddress: row.source_address }),
    ...(row.request_id === null ? {} : { requestId: row.request_id }),
    ...(row.details === null ? {} : { details: row.details }),
  };
}
