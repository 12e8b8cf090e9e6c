// Sign-ins that are on their way to the identity provider and back. Only hashes of what the browser holds are stored.
import type { Queryable } from '../../runtime/db/database.ts';

export interface PendingSignIn {
  readonly stateHash: Buffer;
  /** Of the cookie of the browser that began it: nobody can finish a sign-in in another browser. */
  readonly browserHash: Buffer;
  readonly returnTo: string;
  /** The provider was told to ask for credentials again. */
  readonly fresh: boolean;
}

export interface TakenSignIn {
  readonly returnTo: string;
  readonly fresh: boolean;
  readonly begunAt: Date;
  /** What {@link saveAnswer} has put there. */
  readonly answer: unknown;
}

export async function savePendingSignIn(db: Queryable, pending: PendingSignIn, ttlMs: number): Promise<void> {
  await db.query(
    `insert into pending_sign_ins (state_hash, browser_hash, return_to, fresh, expires_at)
     values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')`,
    [pending.stateHash, pending.browserHash, pending.returnTo, pending.fresh, ttlMs],
  );
}

/** Takes it: a second call with the same state finds nothing. */
export async function takePendingSignIn(db: Queryable, stateHash: Buffer, browserHash: Buffer): Promise<TakenSignIn | undefined> {
  const [row] = await db.query<{ return_to: string; fresh: boolean; begun_at: Date; answer: unknown }>(
    `delete from pending_sign_ins where state_hash = $1 and browser_hash = $2 and expires_at > now()
     returning return_to, fresh, begun_at, answer`,
    [stateHash, browserHash],
  );
  return row === undefined ? undefined : { returnTo: row.return_to, fresh: row.fresh, begunAt: row.begun_at, answer: row.answer };
}

/** Whether one with this state waits for its answer, in whatever browser. */
export async function awaitsAnswer(db: Queryable, stateHash: Buffer): Promise<boolean> {
  const sql = 'select 1 as one from pending_sign_ins where state_hash = $1 and answer is null and expires_at > now()';
  return (await db.query(sql, [stateHash])).length > 0;
}

/** Keeps what the provider said for the browser that began it. @returns false where nothing waits for it */
export async function saveAnswer(db: Queryable, stateHash: Buffer, answer: object): Promise<boolean> {
  const rows = await db.query(
    `update pending_sign_ins set answer = $2 where state_hash = $1 and answer is null and expires_at > now() returning state_hash`,
    [stateHash, JSON.stringify(answer)],
  );
  return rows.length > 0;
}
