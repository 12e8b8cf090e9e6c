// Signed-in browsers, and sign-ins that are on their way to the identity provider and back. Only hashes of what the
// browser holds are stored.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Person } from './people.ts';
import { NOT_LOCKED } from './person-locks.ts';

export interface SignInLimits {
  /** Without a request for this long, the sign-in ends. */
  readonly idleMs: number;
  /** It ends after this in any case. */
  readonly absoluteMs: number;
}

export interface SignIn {
  readonly id: string;
  readonly person: Person;
}

export interface NewSignIn {
  readonly person: string;
  readonly secretHash: Buffer;
  /** Sealed; left out: the provider cannot be asked again. */
  readonly refreshToken?: Buffer | undefined;
  readonly address?: string | undefined;
  /** 400 characters at most. */
  readonly userAgent?: string | undefined;
  /** The session at the identity provider. */
  readonly sid?: string | undefined;
  /** Whether a second factor was given. */
  readonly proven?: boolean;
}

/**
 * @returns the id of the new sign-in
 */
export async function createSignIn(db: Queryable, signIn: NewSignIn, limits: SignInLimits): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `insert into sign_ins (secret_hash, person, idle_after, expires_at, refresh_token, address, user_agent, sid, idle_ms,
                           proven_at)
     values ($1, $2, now() + $3 * interval '1 millisecond', now() + $4 * interval '1 millisecond', $5, $6, $7, $8, $3,
             case when $9 then now() end) returning id`,
    [
      ...[signIn.secretHash, signIn.person, limits.idleMs, limits.absoluteMs, signIn.refreshToken ?? null],
      ...[signIn.address ?? null, signIn.userAgent ?? null, signIn.sid ?? null, signIn.proven === true],
    ],
  );
  if (row === undefined) throw new Error('insert returned no row');
  return row.id;
}

interface SignInRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
  readonly stale: boolean;
}

/**
 * The sign-in of a cookie, or `undefined` when it is unknown or has ended. Notes that it was seen, at most once a minute:
 * a page that asks ten times a second must not write ten times a second.
 */
export async function findSignIn(db: Queryable, secretHash: Buffer, limits: SignInLimits): Promise<SignIn | undefined> {
  const [row] = await db.query<SignInRow>(
    `select s.id, p.name, p.display_name, p.groups, s.last_seen_at < now() - interval '1 minute' as stale
       from sign_ins s join people p on p.name = s.person
      where s.secret_hash = $1 and s.idle_after > now() and s.expires_at > now() and ${NOT_LOCKED} limit 1`,
    [secretHash],
  );
  if (row === undefined) return undefined;
  if (row.stale)
    await db.query(
      `update sign_ins set last_seen_at = now(), idle_after = now() + coalesce(idle_ms, $2) * interval '1 millisecond' where id = $1`,
      [row.id, limits.idleMs],
    );
  return { id: row.id, person: { name: row.name, displayName: row.display_name, groups: row.groups } };
}

const idOf = (credential: string): string | undefined => /^sign-in:([0-9a-f-]{36})$/.exec(credential)?.[1];

/**
 * Whether the second factor was given, or where there is none the sign-in began, within the last `ms`. By the clock of the database.
 * @param credential as in `Identity`: `sign-in:<id>`; any other is none
 */
export async function provenWithin(db: Queryable, credential: string, ms: number, by: 'factor' | 'sign-in'): Promise<boolean> {
  const id = idOf(credential);
  if (id === undefined) return false;
  const at = by === 'factor' ? 'proven_at' : 'created_at';
  const sql = `select id from sign_ins where id = $1 and ${at} > now() - $2 * interval '1 millisecond' and expires_at > now()`;
  return (await db.query(sql, [id, ms])).length > 0;
}

/** The second factor was given now. */
export async function noteProof(db: Queryable, credential: string): Promise<void> {
  await db.query('update sign_ins set proven_at = now() where id = $1', [idOf(credential) ?? null]);
}

/** @returns whose it was, with the refresh token as it was sealed; `undefined` when there was none */
export async function deleteSignIn(
  db: Queryable,
  secretHash: Buffer,
): Promise<{ readonly person: string; readonly refreshToken: Buffer | null } | undefined> {
  const [row] = await db.query<{ person: string; refresh_token: Buffer | null }>(
    'delete from sign_ins where secret_hash = $1 returning person, refresh_token',
    [secretHash],
  );
  return row === undefined ? undefined : { person: row.person, refreshToken: row.refresh_token };
}

/** @returns false when it has ended already */
export async function endSignIn(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('delete from sign_ins where id = $1 returning id', [id])).length > 0;
}

export interface PendingSignIn {
  readonly stateHash: Buffer;
  /** Of the cookie of the browser that began it: nobody can finish a sign-in in another browser. */
  readonly browserHash: Buffer;
  readonly returnTo: string;
}

export async function savePendingSignIn(db: Queryable, pending: PendingSignIn, ttlMs: number): Promise<void> {
  await db.query(
    `insert into pending_sign_ins (state_hash, browser_hash, return_to, expires_at)
     values ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
    [pending.stateHash, pending.browserHash, pending.returnTo, ttlMs],
  );
}

/** Takes it: a second call with the same state finds nothing. */
export async function takePendingSignIn(
  db: Queryable,
  stateHash: Buffer,
  browserHash: Buffer,
): Promise<{ readonly returnTo: string } | undefined> {
  const [row] = await db.query<{ return_to: string }>(
    'delete from pending_sign_ins where state_hash = $1 and browser_hash = $2 and expires_at > now() returning return_to',
    [stateHash, browserHash],
  );
  return row === undefined ? undefined : { returnTo: row.return_to };
}
