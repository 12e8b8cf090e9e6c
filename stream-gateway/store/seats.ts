// Who is in which session, over all replicas: a row an open stream. A row that nobody has spoken of for a while is of a replica
// that is gone, and does not count.
import type { Database, Queryable } from '../../runtime/db/database.ts';
import type { StreamRight } from '../dlp/view-only.ts';

/** Longer than a replica is silent, and short enough that one that was killed holds nobody's place for long. */
const GONE_AFTER = `interval '12 seconds'`;

export interface NewSeat {
  readonly id: string;
  readonly namespace: string;
  readonly session: string;
  readonly sessionUid: string;
  readonly person: string;
  readonly displayName: string;
  readonly guest: boolean;
  /** In the session by a right of his own. */
  readonly owns: boolean;
  readonly baseRight: StreamRight;
  readonly moderated: boolean;
  readonly shareUid: string | null;
  readonly visit: string | null;
}

export interface SeatRow extends NewSeat {
  readonly control: 'Given' | 'Taken' | null;
  readonly asking: boolean;
  readonly kicked: boolean;
  readonly since: Date;
  readonly typing: boolean;
  readonly pointer: { readonly x: number; readonly y: number } | null;
}

/** What is there when somebody is about to sit down. */
export interface Room {
  /** Through shares. */
  readonly viewers: number;
  /** Somebody is there who controls the session by a right of his own. */
  readonly moderator: boolean;
  /** Whoever is about to sit down was put out, or his visit was: a ticket from before does not bring him back. */
  readonly barred: boolean;
}

/** Until the transaction ends nobody else sits down in the session or is put out of it, in any replica. */
export async function lockSeats(tx: Queryable, sessionUid: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 5))', [sessionUid]);
}

/** `admit` throws to refuse; nobody else sits down meanwhile, in any replica. */
export async function takeSeat(db: Database, seat: NewSeat, admit: (room: Room) => void): Promise<Date> {
  return await db.transaction(async (tx) => {
    await lockSeats(tx, seat.sessionUid);
    const [room] = await tx.query<{ viewers: string; moderator: boolean | null; barred: boolean }>(
      `select count(*) filter (where share_uid is not null) as viewers, bool_or(owns and base_right = 'control') as moderator,
              exists (select from share_visits where state = 'Removed'
                and (id = $2 or (share_uid = $3 and person = $4 and not guest and not $5))) as barred
         from seats where session_uid = $1 and not kicked and seen_at > now() - ${GONE_AFTER}`,
      [seat.sessionUid, seat.visit, seat.shareUid, seat.person, seat.guest],
    );
    const { viewers = 0, moderator, barred = false } = room ?? {};
    admit({ viewers: Number(viewers), moderator: moderator ?? false, barred });
    const [row] = await tx.query<{ since: Date }>(
      `insert into seats (id, namespace, session, session_uid, person, display_name, guest, owns, base_right, moderated,
                          share_uid, visit)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning since`,
      [
        ...[seat.id, seat.namespace, seat.session, seat.sessionUid, seat.person, seat.displayName, seat.guest, seat.owns],
        ...[seat.baseRight, seat.moderated, seat.shareUid, seat.visit],
      ],
    );
    if (row === undefined) throw new Error('insert returned no row');
    // The moderator is back: another absence has another beginning.
    if (seat.owns && seat.baseRight === 'control')
      await tx.query('delete from moderator_absences where session_uid = $1', [seat.sessionUid]);
    return row.since;
  });
}

export async function leaveSeat(db: Queryable, id: string): Promise<void> {
  await db.query('delete from seats where id = $1', [id]);
}

export interface SeatNews {
  readonly id: string;
  readonly hasTyped: boolean;
  readonly pointer: { readonly x: number; readonly y: number } | null;
}

/** Says of seats of this replica that they are still there. @returns those of which there is a row */
export async function touchSeats(db: Queryable, news: readonly SeatNews[]): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    `update seats s
        set seen_at = now(), input_at = case when n.typed then now() else s.input_at end,
            pointer_x = coalesce(n.x, s.pointer_x), pointer_y = coalesce(n.y, s.pointer_y)
       from unnest($1::uuid[], $2::boolean[], $3::integer[], $4::integer[]) as n (id, typed, x, y)
      where s.id = n.id returning s.id`,
    [
      news.map(({ id }) => id),
      news.map(({ hasTyped }) => hasTyped),
      news.map(({ pointer }) => pointer?.x ?? null),
      news.map(({ pointer }) => pointer?.y ?? null),
    ],
  );
  return rows.map(({ id }) => id);
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly namespace: string;
  readonly session: string;
  readonly session_uid: string;
  readonly person: string;
  readonly display_name: string;
  readonly guest: boolean;
  readonly owns: boolean;
  readonly base_right: StreamRight;
  readonly moderated: boolean;
  readonly share_uid: string | null;
  readonly visit: string | null;
  readonly control: 'Given' | 'Taken' | null;
  readonly asking: boolean;
  readonly kicked: boolean;
  readonly since: Date;
  readonly typing: boolean | null;
  readonly pointer_x: number | null;
  readonly pointer_y: number | null;
}

/** In the order in which they sat down. Those that were put out are there until their stream has ended. */
export async function listSeats(db: Queryable, sessionUids: readonly string[]): Promise<readonly SeatRow[]> {
  const rows = await db.query<Row>(
    `select id, namespace, session, session_uid, person, display_name, guest, owns, base_right, moderated, share_uid, visit,
            control, asked_at is not null as asking, kicked, since, input_at > now() - interval '3 seconds' as typing,
            pointer_x, pointer_y
       from seats where session_uid = any($1) and seen_at > now() - ${GONE_AFTER} order by since, id limit 5000`,
    [sessionUids],
  );
  return rows.map(seatOf);
}

function seatOf(row: Row): SeatRow {
  const { id, namespace, session, person, guest, owns, moderated, visit, control, asking, kicked, since } = row;
  return {
    ...{ id, namespace, session, person, guest, owns, moderated, visit, control, asking, kicked, since },
    sessionUid: row.session_uid,
    displayName: row.display_name,
    baseRight: row.base_right,
    shareUid: row.share_uid,
    typing: row.typing ?? false,
    pointer: row.pointer_x === null || row.pointer_y === null ? null : { x: row.pointer_x, y: row.pointer_y },
  };
}

/** Whoever owns his place keeps it. @returns the seat, if there is one that this can be done with */
export async function decideControl(
  db: Queryable,
  id: string,
  sessionUid: string,
  control: 'Given' | 'Taken',
): Promise<string | undefined> {
  const [row] = await db.query<{ person: string }>(
    `update seats set control = $3, asked_at = null
      where id = $1 and session_uid = $2 and not kicked and not (owns and base_right = 'control') returning person`,
    [id, sessionUid, control],
  );
  return row?.person;
}

export async function askForControl(
  db: Queryable,
  seats: { readonly sessionUid: string; readonly person: string; readonly visit: string | null },
  wish: { readonly asking: boolean },
): Promise<number> {
  const rows = await db.query(
    `update seats set asked_at = case when $4 then coalesce(asked_at, now()) end
      where session_uid = $1 and person = $2 and ($3::uuid is null or visit = $3) and not kicked returning id`,
    [seats.sessionUid, seats.person, seats.visit, wish.asking],
  );
  return rows.length;
}

/** All seats of the person that came through the same share; of a guest those of his visit, for his name is anybody's. @returns one of them */
export async function kickSeat(db: Queryable, id: string, sessionUid: string): Promise<SeatRow | undefined> {
  const rows = await db.query<Row>(
    `update seats s set kicked = true
       from seats k
      where k.id = $1 and k.session_uid = $2 and not (k.owns and k.base_right = 'control')
        and s.session_uid = k.session_uid and s.person = k.person
        and s.guest = k.guest and (not k.guest or s.visit is not distinct from k.visit)
        and s.share_uid is not distinct from k.share_uid
      returning s.*, s.asked_at is not null as asking, false as typing`,
    [id, sessionUid],
  );
  const row = rows[0];
  return row === undefined ? undefined : seatOf(row);
}

/** After a downgrade nobody keeps what he was given on top of it. */
export async function resetControl(db: Queryable, shareUid: string): Promise<void> {
  await db.query(`update seats set control = null where share_uid = $1 and control = 'Given'`, [shareUid]);
}

export async function countViewers(db: Queryable, shareUids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ share_uid: string; viewers: string }>(
    `select share_uid, count(*) as viewers from seats
      where share_uid = any($1) and not kicked and seen_at > now() - ${GONE_AFTER} group by share_uid limit 5000`,
    [shareUids],
  );
  return new Map(rows.map(({ share_uid, viewers }) => [share_uid, Number(viewers)]));
}

/** Notes that a moderator is missing. @returns for how many milliseconds by now, by the clock of the database */
export async function noteAbsence(db: Queryable, sessionUid: string): Promise<number> {
  const [row] = await db.query<{ ms: string }>(
    `insert into moderator_absences (session_uid) values ($1)
     on conflict (session_uid) do update set left_at = moderator_absences.left_at
     returning extract(epoch from clock_timestamp() - left_at) * 1000 as ms`,
    [sessionUid],
  );
  return Math.max(0, Number(row?.ms ?? 0));
}

export async function endAbsences(db: Queryable, sessionUids: readonly string[]): Promise<void> {
  await db.query('delete from moderator_absences where session_uid = any($1)', [sessionUids]);
}
