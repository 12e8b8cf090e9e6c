// Signed-in browsers. Only hashes of what the browser holds are stored.
import type { Queryable } from '../../runtime/db/database.ts';
import { NOT_LOCKED } from '../../runtime/db/person-state.ts';
import type { Person } from './people.ts';

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

/** What the provider said of its own session; kept with the sign-in. */
export interface AtProvider {
  /** The session (OpenID Connect Back-Channel Logout 1.0, 2.1), where it names one. */
  readonly sid?: string | undefined;
  /** When it asked the person for credentials. Left out: it did not say. */
  readonly authenticatedAt?: Date | undefined;
  /** When the session ends there. */
  readonly endsAt?: Date | undefined;
  readonly saml?: SamlSession | undefined;
}

/** Whom and which session a SAML logout names (SAML core, 3.7.1). */
export interface SamlSession {
  readonly nameId: string;
  readonly format?: string | undefined;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
  readonly sessionIndex?: string | undefined;
}

export interface NewSignIn {
  readonly person: string;
  readonly secretHash: Buffer;
  /** Sealed; left out: the provider cannot be asked again. */
  readonly refreshToken?: Buffer | undefined;
  readonly address?: string | undefined;
  /** 400 characters at most. */
  readonly userAgent?: string | undefined;
  readonly atProvider?: AtProvider;
  /** Whether a second factor was given. */
  readonly proven?: boolean;
}

/**
 * @returns the id of the new sign-in
 */
export async function createSignIn(db: Queryable, signIn: NewSignIn, limits: SignInLimits): Promise<string> {
  const { sid, authenticatedAt, endsAt, saml } = signIn.atProvider ?? {};
  const [row] = await db.query<{ id: string }>(
    // A provider whose clock is ahead of ours does not make a sign-in younger than it is.
    `insert into sign_ins (secret_hash, person, idle_after, expires_at, refresh_token, address, user_agent, sid, idle_ms,
                           proven_at, authenticated_at, saml_session)
     values ($1, $2, now() + $3 * interval '1 millisecond',
             least(now() + $4 * interval '1 millisecond', $11::timestamptz), $5, $6, $7, $8, $3,
             case when $9 then now() end, case when $10::timestamptz is not null then least($10, now()) end, $12) returning id`,
    [
      ...[signIn.secretHash, signIn.person, limits.idleMs, limits.absoluteMs, signIn.refreshToken ?? null],
      ...[signIn.address ?? null, signIn.userAgent ?? null, sid ?? null, signIn.proven === true],
      ...[authenticatedAt ?? null, endsAt ?? null, saml === undefined ? null : JSON.stringify(saml)],
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
 * Whether the second factor was given, or where there is none the provider asked for credentials, within the last `ms`. By the clock of
 * the database. That a sign-in is young says nothing: a provider lets whoever is signed in there through without a question.
 * @param credential as in `Identity`: `sign-in:<id>`; any other is none
 */
export async function provenWithin(db: Queryable, credential: string, ms: number, by: 'factor' | 'sign-in'): Promise<boolean> {
  const id = idOf(credential);
  if (id === undefined) return false;
  const at = by === 'factor' ? 'proven_at' : 'authenticated_at';
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
): Promise<{ readonly person: string; readonly refreshToken: Buffer | null; readonly saml: SamlSession | null } | undefined> {
  const [row] = await db.query<{ person: string; refresh_token: Buffer | null; saml_session: SamlSession | null }>(
    'delete from sign_ins where secret_hash = $1 returning person, refresh_token, saml_session',
    [secretHash],
  );
  return row === undefined ? undefined : { person: row.person, refreshToken: row.refresh_token, saml: row.saml_session };
}

/** @returns false when it has ended already */
export async function endSignIn(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('delete from sign_ins where id = $1 returning id', [id])).length > 0;
}
