// The months of the audit log: their chains, their rows as whoever verifies needs them, and their end.
import type { Queryable } from '../../runtime/db/database.ts';

export interface AuditMonth {
  /** `YYYY-MM` */
  readonly month: string;
  readonly rows: number;
  readonly lastSeq: number | null;
  /** Hexadecimal. */
  readonly lastHash: string;
  readonly droppedAt: string | null;
  /** There is a table of it. */
  readonly stored: boolean;
  /** Why it is not dropped, whatever the retention says. */
  readonly hold: { readonly by: string; readonly reason: string } | null;
}

interface MonthRow extends Record<string, unknown> {
  readonly month: string;
  readonly rows: string;
  readonly last_seq: string | null;
  readonly last_hash: string;
  readonly dropped_at: Date | null;
  readonly stored: boolean;
  readonly by: string | null;
  readonly reason: string | null;
}

/** Makes those of this month and the next. */
export async function prepareMonths(db: Queryable): Promise<void> {
  await db.query('select audit_prepare_months()');
}

/** Oldest first. Also tables that somebody put beside ours: they have no chain, so none of their rows fits. */
export async function listMonths(db: Queryable): Promise<readonly AuditMonth[]> {
  const rows = await db.query<MonthRow>(
    `with stored as (
       -- By what it holds, whatever its name is.
       select date_trunc('month', substring(pg_get_expr(relpartbound, oid) from $$FROM \\('([^']+)'\\)$$)::timestamptz at time zone 'UTC')::date
                as month
         from pg_inherits join pg_class on oid = inhrelid where inhparent = 'audit_events'::regclass group by 1)
     select to_char(month, 'YYYY-MM') as month, coalesce(rows, 0) as rows, last_seq, coalesce(encode(last_hash, 'hex'), '') as last_hash,
            dropped_at, stored.month is not null as stored, audit_holds.by, audit_holds.reason
       from audit_months full join stored using (month) left join audit_holds using (month)
      order by month limit 2400`,
  );
  return rows.map((row) => ({
    month: row.month,
    rows: Number(row.rows),
    lastSeq: row.last_seq === null ? null : Number(row.last_seq),
    lastHash: row.last_hash,
    droppedAt: row.dropped_at?.toISOString() ?? null,
    stored: row.stored,
    hold: row.by === null || row.reason === null ? null : { by: row.by, reason: row.reason },
  }));
}

/** A hold that is there already stays as it is. @returns false: there is no such month any more */
export async function holdMonth(
  db: Queryable,
  month: string,
  who: { readonly by: string; readonly reason: string },
): Promise<boolean> {
  const values = [`${month}-01`, who.reason, who.by];
  const [row] = await db.query<{ held: boolean }>('select audit_hold($1::date, $2, $3) as held', values);
  return row?.held === true;
}

/** What is not held is released already. */
export async function releaseMonth(db: Queryable, month: string): Promise<void> {
  await db.query('select audit_release($1::date)', [`${month}-01`]);
}

/** @returns false: it is held, or dropped already @throws where it is too young */
export async function dropMonth(db: Queryable, month: string): Promise<boolean> {
  const [row] = await db.query<{ dropped: boolean }>('select audit_drop_month($1::date) as dropped', [`${month}-01`]);
  return row?.dropped === true;
}

/** As many rows as PostgreSQL gives at once: a page is about 1.5 MB, and 5 to 10 ms of its time. */
const PAGE = 5_000;

/**
 * Every row of a month by seq, a page at a time: text with one JSON array a line, which is not parsed on its way to who
 * verifies. Each page is a statement of its own, so nobody who reads for long is in the way of a month that is dropped.
 */
export async function* readRows(db: Queryable, month: string): AsyncGenerator<string> {
  let ahead = readPage(db, month, undefined);
  for (;;) {
    const { lines, count } = await ahead;
    if (count === 0) return;
    const more = count === PAGE;
    if (more) {
      // While this page is on its way the database makes the next one.
      ahead = readPage(db, month, lines.slice(lines.lastIndexOf('\n') + 1));
      ahead.catch(() => undefined); // told where it is awaited, if anybody still does
    }
    yield `${lines}\n`;
    if (!more) return;
  }
}

/** @param last line of the page before */
async function readPage(
  db: Queryable,
  month: string,
  last: string | undefined,
): Promise<{ readonly lines: string; readonly count: number }> {
  const [seq = '-9223372036854775808', id = '00000000-0000-0000-0000-000000000000'] = last === undefined ? [] : JSON.parse(last);
  const [page] = await db.query<{ lines: string | null; count: number }>(
    // The aggregate takes the rows in the order of the index; to ask for the order again would sort them again.
    `select string_agg(line, e'\\n') as lines, count(*)::integer as count
       from (select json_build_array(seq, id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), type, actor, result, object,
                    source_address, request_id, details, position, encode(hash, 'hex'))::text as line
               from audit_events
              where at >= $1::date::timestamp at time zone 'UTC' and at < ($1::date + interval '1 month') at time zone 'UTC'
                and (seq, id) ${last === undefined ? '>=' : '>'} ($2::bigint, $3::uuid)
              order by seq, id limit ${PAGE}) as page`,
    [`${month}-01`, String(seq), String(id)],
  );
  return { lines: page?.lines ?? '', count: page?.count ?? 0 };
}
