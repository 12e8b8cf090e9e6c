// Who came in by a link: one row a visit, by which he comes back after a broken connection without another use.
import type { Queryable } from '../../runtime/db/database.ts';
import { newSecret, sha256 } from '../auth/secrets.ts';

export type VisitState = 'Waiting' | 'Admitted' | 'Denied' | 'Removed';

export interface VisitOf {
  readonly namespace: string;
  readonly session: string;
  readonly sessionUid: string;
  readonly share: string;
  readonly shareUid: string;
  /** Of a guest with the prefix {@link GUEST_PREFIX}. */
  readonly person: string;
  readonly guest: boolean;
}

export interface Visit extends VisitOf {
  readonly id: string;
  readonly state: VisitState;
}

/** No account has a colon in its name. */
export const GUEST_PREFIX = 'guest:';

interface VisitRow extends Record<string, unknown> {
  readonly id: string;
  readonly namespace: string;
  readonly session: string;
  readonly session_uid: string;
  readonly share: string;
  readonly share_uid: string;
  readonly person: string;
  readonly guest: boolean;
  readonly state: VisitState;
}

const COLUMNS = 'id, namespace, session, session_uid, share, share_uid, person, guest, state';

function visitOf(row: VisitRow): Visit {
  const { id, namespace, session, share, person, guest, state } = row;
  return { id, namespace, session, sessionUid: row.session_uid, share, shareUid: row.share_uid, person, guest, state };
}

/** @returns the pass, which is nowhere else */
export async function beginVisit(
  db: Queryable,
  visit: VisitOf,
  state: 'Waiting' | 'Admitted',
  expiresAt: Date,
): Promise<{ readonly id: string; readonly pass: string }> {
  const pass = newSecret();
  const [row] = await db.query<{ id: string }>(
    `insert into share_visits (pass_hash, namespace, session, session_uid, share, share_uid, person, guest, state, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    [
      ...[sha256(pass), visit.namespace, visit.session, visit.sessionUid, visit.share, visit.shareUid],
      ...[visit.person, visit.guest, state, expiresAt],
    ],
  );
  if (row === undefined) throw new Error('insert returned no row');
  return { id: row.id, pass };
}

/** Notes that he still waits. `undefined`: unknown or over. */
export async function findVisit(db: Queryable, pass: string): Promise<Visit | undefined> {
  const [row] = await db.query<VisitRow>(
    `update share_visits set seen_at = now() where pass_hash = $1 and expires_at > now() returning ${COLUMNS}`,
    [sha256(pass)],
  );
  return row === undefined ? undefined : visitOf(row);
}

/** @returns the visit if it was waiting */
export async function decideVisit(
  db: Queryable,
  id: string,
  sessionUid: string,
  state: 'Admitted' | 'Denied',
): Promise<Visit | undefined> {
  const [row] = await db.query<VisitRow>(
    `update share_visits set state = $3 where id = $1 and session_uid = $2 and state = 'Waiting' returning ${COLUMNS}`,
    [id, sessionUid, state],
  );
  return row === undefined ? undefined : visitOf(row);
}

/** A share that ends later does so for who came through it, and for who was put out of it. */
export async function extendVisits(db: Queryable, shareUid: string, expiresAt: Date): Promise<void> {
  await db.query('update share_visits set expires_at = greatest(expires_at, $2) where share_uid = $1', [shareUid, expiresAt]);
}

/** Whoever was put out stays out of this share: by his visit, and by his name. */
export async function barVisitor(db: Queryable, visit: VisitOf, id: string | null, expiresAt: Date): Promise<void> {
  if (id !== null) await db.query(`update share_visits set state = 'Removed' where id = $1`, [id]);
  if (visit.guest) return;
  await db.query(
    `insert into share_visits (namespace, session, session_uid, share, share_uid, person, guest, state, expires_at)
     values ($1, $2, $3, $4, $5, $6, false, 'Removed', $7)`,
    [visit.namespace, visit.session, visit.sessionUid, visit.share, visit.shareUid, visit.person, expiresAt],
  );
}

export async function isBarred(db: Queryable, shareUid: string, person: string): Promise<boolean> {
  const rows = await db.query(
    `select 1 from share_visits where share_uid = $1 and person = $2 and state = 'Removed' and not guest limit 1`,
    [shareUid, person],
  );
  return rows.length > 0;
}

export interface WaitingGuest {
  readonly id: string;
  readonly sessionUid: string;
  readonly person: string;
}

/** Whoever has asked within the last seconds. */
export async function listWaiting(db: Queryable, sessionUids: readonly string[]): Promise<readonly WaitingGuest[]> {
  const rows = await db.query<{ id: string; session_uid: string; person: string }>(
    `select id, session_uid, person from share_visits
      where session_uid = any($1) and state = 'Waiting' and seen_at > now() - interval '15 seconds' and expires_at > now()
      order by created_at, id limit 200`,
    [sessionUids],
  );
  return rows.map(({ id, session_uid, person }) => ({ id, sessionUid: session_uid, person }));
}
