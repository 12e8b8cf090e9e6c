// A page of a search for words. The index of words knows no order: for a word that many events have it brings them all, to be sorted for the sake of
// fifty (801 ms of a million). So the newest events are looked at one by one first, which finds what is frequent, and then month by month,
// each with the index, which finds what is not. Processor time of PostgreSQL 15 for the first page of 1,000,000 events in ten months, mean
// of 20 (before): a word that each event has 8 ms (5), 1 in 5 14 (13), 1 in 25 30 (68), 1 in 200 13 (430), 1 in 1,000 42 (170), none 17 (5).
import type { Queryable } from '../../runtime/db/database.ts';

/** Which rows: `from` and `until` are moments, `floor` is the least `seq`, and `before` the first that is not meant. */
export interface WordsRange {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly floor?: bigint | undefined;
  readonly before?: bigint | undefined;
}

/** Events that are looked at one by one: each costs about 30 us, the words of it being made anew. */
const WINDOW = 1_000;

/**
 * @param rowsIn newest first, at most `limit`
 * @returns newest first; whatever the order in which events came to their months
 */
export async function newestWithWords<Row extends { readonly seq: string }>(
  db: Queryable,
  rowsIn: (range: WordsRange, limit: number) => Promise<readonly Row[]>,
  before: bigint | undefined,
  limit: number,
): Promise<readonly Row[]> {
  const floor = (before ?? (await end(db))) - BigInt(WINDOW);
  const found = [...(await rowsIn({ floor, before }, limit))];
  if (found.length >= limit) return found;
  for (const step of stepsOf(await monthsBefore(db, floor))) {
    const { from, until, below } = step;
    found.push(...(await rowsIn({ from, until, before: floor }, limit)));
    found.sort((one, other) => Number(BigInt(other.seq) - BigInt(one.seq)));
    // Older months may hold what was written later, after an outage: only what no older month can be newer than is certain.
    if (found.filter(({ seq }) => BigInt(seq) > below).length >= limit) break;
  }
  return found.slice(0, limit);
}

/** Of the log: no event has this `seq` yet. */
async function end(db: Queryable): Promise<bigint> {
  const [row] = await db.query<{ last: string | null }>('select max(last_seq) as last from audit_months');
  return BigInt(row?.last ?? 0) + 1n;
}

interface Month {
  /** Of the month and of the one after it, RFC 3339. */
  readonly from: string;
  readonly until: string;
  readonly lastSeq: bigint;
}

/** Newest first, those that hold an event before this one. */
async function monthsBefore(db: Queryable, before: bigint): Promise<readonly Month[]> {
  const rows = await db.query<{ from: Date; until: Date; last_seq: string }>(
    `select month::timestamp at time zone 'UTC' as from, (month + interval '1 month') at time zone 'UTC' as until, last_seq
       from audit_months
      where rows > 0 and dropped_at is null and (
        select seq from audit_events where at >= month::timestamp at time zone 'UTC' and at < (month + interval '1 month') at time zone 'UTC'
         order by seq limit 1) < $1
      order by month desc limit 2400`,
    [String(before)],
  );
  return rows.map((row) => ({ from: row.from.toISOString(), until: row.until.toISOString(), lastSeq: BigInt(row.last_seq) }));
}

interface Step {
  readonly from: string;
  readonly until: string;
  /** No month that is older has an event above. */
  readonly below: bigint;
}

function newestOf(months: readonly Month[]): bigint {
  let newest = 0n;
  for (const { lastSeq } of months) if (lastSeq > newest) newest = lastSeq;
  return newest;
}

/** One month, one, two, four and so on: what is seldom is not sought in a hundred statements. */
function stepsOf(months: readonly Month[]): readonly Step[] {
  const steps: Step[] = [];
  for (let start = 0, size = 1; start < months.length; start += size, size = Math.max(1, start)) {
    const own = months.slice(start, start + size);
    const [newest, oldest] = [own[0], own.at(-1)];
    if (newest === undefined || oldest === undefined) break;
    steps.push({ from: oldest.from, until: newest.until, below: newestOf(months.slice(start + size)) });
  }
  return steps;
}
