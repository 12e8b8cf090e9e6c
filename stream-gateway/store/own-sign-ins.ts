// The sign-ins of a person, and how they are ended by others than the browser that has them.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Account } from './people.ts';

export interface ListedSignIn {
  readonly id: string;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** One that has ended, with the refresh token as it was sealed. */
export interface EndedSignIn {
  readonly person: string;
  readonly refreshToken: Buffer | null;
}

/** A person with more browsers than this sees those that were used last. */
const MAX_LISTED = 200;

interface SignInRow extends Record<string, unknown> {
  readonly id: string;
  readonly user_agent: string | null;
  readonly address: string | null;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly expires_at: Date;
}

/** Those that count, the one that was used last first. */
export async function listSignIns(db: Queryable, person: string): Promise<readonly ListedSignIn[]> {
  const rows = await db.query<SignInRow>(
    `select id, user_agent, address, created_at, last_seen_at, least(idle_after, expires_at) as expires_at from sign_ins
      where person = $1 and idle_after > now() and expires_at > now() order by last_seen_at desc, id limit $2`,
    [person, MAX_LISTED],
  );
  return rows.map((row) => ({
    ...{ id: row.id, userAgent: row.user_agent, address: row.address },
    ...{ createdAt: row.created_at, lastSeenAt: row.last_seen_at, expiresAt: row.expires_at },
  }));
}

/** Which of a person's: one, or all but one; left out: all. */
export interface EndWhich {
  readonly only?: string;
  readonly except?: string;
}

export async function endSignInsOf(
  db: Queryable,
  person: string,
  { only, except }: EndWhich = {},
): Promise<readonly EndedSignIn[]> {
  return await ended(db, 'person = $1 and ($2::uuid is null or id = $2) and ($3::uuid is null or id <> $3)', [
    person,
    only ?? null,
    except ?? null,
  ]);
}

/**
 * Those of a session at the identity provider, or of an account, or of both together, and such as wait for a second factor.
 * @param which.sid of the provider with this issuer
 */
export async function endSignInsAt(
  db: Queryable,
  which: { readonly issuer: Account['issuer']; readonly subject?: string | undefined; readonly sid?: string | undefined },
): Promise<readonly EndedSignIn[]> {
  const where = `person in (select name from people where issuer = $1 and ($2::text is null or subject = $2)) and ($3::text is null or sid = $3)
    and ($2::text is not null or $3::text is not null)`;
  const values = [which.issuer, which.subject ?? null, which.sid ?? null];
  await db.query(`delete from waiting_sign_ins where ${where}`, values);
  return await ended(db, where, values);
}

/**
 * Those that a SAML logout names, and such as wait for a second factor.
 * @param which.sessions left out: all of this name
 */
export async function endSamlSignIns(
  tx: Queryable,
  which: { readonly provider: string; readonly nameId: string; readonly sessions: readonly string[] },
): Promise<readonly EndedSignIn[]> {
  const where = `split_part(person, ':', 1) = $1 and saml_session->>'nameId' = $2
    and (cardinality($3::text[]) = 0 or saml_session->>'sessionIndex' = any($3))`;
  const values = [which.provider, which.nameId, which.sessions];
  await tx.query(`delete from waiting_sign_ins where ${where}`, values);
  return await ended(tx, where, values);
}

async function ended(db: Queryable, where: string, values: readonly unknown[]): Promise<readonly EndedSignIn[]> {
  const rows = await db.query<{ readonly person: string; readonly refresh_token: Buffer | null }>(
    `delete from sign_ins where ${where} returning person, refresh_token`,
    values,
  );
  return rows.map((row) => ({ person: row.person, refreshToken: row.refresh_token }));
}
