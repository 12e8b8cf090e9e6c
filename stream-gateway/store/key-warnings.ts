// Keys that end soon, and of which that was told. The row says so, and is written together with the event: so each is told of once, by
// one replica, and nothing is lost where that one dies in between.
import { randomUUID } from 'node:crypto';
import { appendEvents } from '../../runtime/audit/append-events.ts';
import type { Database, Queryable } from '../../runtime/db/database.ts';
import { EXPIRY_WARNING_DAYS } from '../../schemas/api/api-keys.ts';

interface WarnedRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly expires_at: Date;
  readonly days: number;
}

/** In one transaction; the rest is for the next round. */
const BATCH = 500;

/**
 * A key is told of when it has less than each of the days left, if it was made for longer than these: of one that was made for a week
 * its owner knows. Of several that were missed only the shortest is told. @returns how many were told of
 */
export async function warnOfKeys(db: Pick<Database, 'transaction'>, now: Date): Promise<number> {
  return await db.transaction(async (tx) => {
    const rows = await tx.query<WarnedRow>(
      `update api_keys k set warned_days = due.days
         from (select k.id, min(d.days) as days
                 from api_keys k cross join unnest($2::integer[]) as d(days)
                where k.expires_at > $1::timestamptz and k.expires_at <= $1::timestamptz + d.days * interval '1 day'
                  and k.expires_at - k.created_at > d.days * interval '1 day'
                  and k.replaced_by is null and coalesce(k.warned_days > d.days, true)
                group by k.id limit ${BATCH}) due
        where k.id = due.id and coalesce(k.warned_days > due.days, true)
       returning k.id, k.name, k.owner, k.expires_at, due.days`,
      [now, EXPIRY_WARNING_DAYS],
    );
    if (rows.length > 0)
      await appendEvents(
        tx,
        rows.map(({ id, name, owner, expires_at: expiresAt, days }) => ({
          id: randomUUID(),
          at: now.toISOString(),
          type: 'apikey.expiring',
          actor: null,
          result: 'success',
          object: `ApiKey/${id}`,
          details: { owner, name, expiresAt: expiresAt.toISOString(), days },
        })),
      );
    return rows.length;
  });
}

/** Of everybody's keys those that end within the first warning, and that no other has replaced. */
export async function countExpiringKeys(db: Queryable, now: Date): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from api_keys
      where replaced_by is null and expires_at > $1::timestamptz and expires_at <= $1::timestamptz + $2::integer * interval '1 day'`,
    [now, Math.max(...EXPIRY_WARNING_DAYS)],
  );
  return row?.count ?? 0;
}
