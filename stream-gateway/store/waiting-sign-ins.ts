// Sign-ins that the identity provider has confirmed and whose second factor is still missing. In a table of their own: no query
// for sign-ins can take one for a sign-in.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Person } from './people.ts';
import type { AtProvider, SamlSession } from './sign-ins.ts';

export interface WaitingSignIn {
  readonly id: string;
  readonly person: Person;
  readonly returnTo: string;
  /** Sealed. */
  readonly refreshToken: Buffer | null;
  readonly atProvider: AtProvider;
  readonly userAgent: string | undefined;
  /** By a factor that no longer counts. */
  readonly proven: boolean;
}

export async function saveWaiting(
  db: Queryable,
  wait: {
    readonly person: string;
    readonly secretHash: Buffer;
    readonly refreshToken: Buffer | undefined;
    readonly atProvider: AtProvider;
    readonly userAgent: string | undefined;
    readonly returnTo: string;
  },
  ttlMs: number,
): Promise<void> {
  const { sid, authenticatedAt, endsAt, saml } = wait.atProvider;
  await db.query(
    `insert into waiting_sign_ins (secret_hash, person, refresh_token, return_to, expires_at, sid, user_agent, authenticated_at, ends_at,
                                   saml_session)
     values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond', $6, $7, $8, $9, $10)`,
    [
      ...[wait.secretHash, wait.person, wait.refreshToken ?? null, wait.returnTo, ttlMs, sid ?? null, wait.userAgent ?? null],
      ...[authenticatedAt ?? null, endsAt ?? null, saml === undefined ? null : JSON.stringify(saml)],
    ],
  );
}

interface WaitingRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
  readonly return_to: string;
  readonly refresh_token: Buffer | null;
  readonly sid: string | null;
  readonly user_agent: string | null;
  readonly proven: boolean;
  readonly authenticated_at: Date | null;
  readonly ends_at: Date | null;
  readonly saml_session: SamlSession | null;
}

const COLUMNS = `w.id, w.return_to, w.refresh_token, w.sid, w.user_agent, w.proven, w.authenticated_at, w.ends_at, w.saml_session,
  p.name, p.display_name, p.groups`;

/** @param by the hash of the cookie's secret, or the id */
export async function findWaiting(db: Queryable, by: Buffer | string): Promise<WaitingSignIn | undefined> {
  const column = typeof by === 'string' ? 'id' : 'secret_hash';
  const [row] = await db.query<WaitingRow>(
    `select ${COLUMNS} from waiting_sign_ins w join people p on p.name = w.person where w.${column} = $1 and w.expires_at > now()`,
    [by],
  );
  if (row === undefined) return undefined;
  const person = { name: row.name, displayName: row.display_name, groups: row.groups };
  const { id, return_to: returnTo, refresh_token: refreshToken, proven } = row;
  const atProvider = {
    ...{ sid: row.sid ?? undefined, authenticatedAt: row.authenticated_at ?? undefined },
    ...{ endsAt: row.ends_at ?? undefined, saml: row.saml_session ?? undefined },
  };
  return { ...{ id, person, returnTo, refreshToken, proven, atProvider }, userAgent: row.user_agent ?? undefined };
}

export async function markProven(db: Queryable, id: string): Promise<void> {
  await db.query('update waiting_sign_ins set proven = true where id = $1', [id]);
}

/** @returns false where it has ended, or another request was faster */
export async function takeWaiting(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('delete from waiting_sign_ins where id = $1 and expires_at > now() returning id', [id])).length > 0;
}
