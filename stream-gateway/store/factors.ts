// Second factors of people. What could be used is never here: sealed TOTP secrets, public keys, hashes of recovery codes.
import type { Queryable } from '../../runtime/db/database.ts';
import type { FactorMethod } from '../../schemas/kinds/sign-in/sign-in-rules.ts';

export interface Passkey {
  /** The credential id, base64url. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly transports: readonly string[];
}

export interface StoredPasskey extends Passkey {
  /** COSE (RFC 9052). */
  readonly publicKey: Buffer;
  readonly counter: number;
}

export interface Factors {
  readonly passkeys: readonly Passkey[];
  readonly totp: { readonly createdAt: Date; readonly lastUsedAt: Date | null } | null;
  /** How many recovery codes are left. */
  readonly recoveryCodes: number;
}

/** How many a person may have: whoever finds his among them has enough of them. */
export const MAX_PASSKEYS = 20;

interface PasskeyRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly transports: readonly string[];
  readonly public_key: Buffer;
  readonly counter: string;
}

export async function factorsOf(db: Queryable, person: string): Promise<Factors> {
  const passkeys = await db.query<PasskeyRow>('select * from passkeys where person = $1 order by created_at, id limit $2', [
    person,
    MAX_PASSKEYS,
  ]);
  const [totp] = await db.query<{ created_at: Date; last_used_at: Date | null }>(
    'select created_at, last_used_at from totp_secrets where person = $1 and confirmed_at is not null',
    [person],
  );
  const [codes] = await db.query<{ count: number }>('select count(*)::int as count from recovery_codes where person = $1', [
    person,
  ]);
  return {
    passkeys: passkeys.map(({ id, name, created_at, last_used_at, transports }) => ({
      ...{ id, name, transports },
      ...{ createdAt: created_at, lastUsedAt: last_used_at },
    })),
    totp: totp === undefined ? null : { createdAt: totp.created_at, lastUsedAt: totp.last_used_at },
    recoveryCodes: codes?.count ?? 0,
  };
}

export function methodsOf({ passkeys, totp }: Pick<Factors, 'passkeys' | 'totp'>): readonly FactorMethod[] {
  return [...(passkeys.length > 0 ? (['Passkey'] as const) : []), ...(totp === null ? [] : (['Totp'] as const))];
}

export async function savePasskey(
  db: Queryable,
  person: string,
  passkey: Pick<StoredPasskey, 'id' | 'name' | 'publicKey' | 'counter' | 'transports'>,
): Promise<boolean> {
  const { id, name, publicKey, counter, transports } = passkey;
  const rows = await db.query(
    `insert into passkeys (id, person, name, public_key, counter, transports) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do nothing returning id`,
    [id, person, name, publicKey, counter, transports],
  );
  return rows.length > 0;
}

export async function findPasskey(db: Queryable, person: string, id: string): Promise<StoredPasskey | undefined> {
  const [row] = await db.query<PasskeyRow>('select * from passkeys where person = $1 and id = $2', [person, id]);
  if (row === undefined) return undefined;
  const { name, transports, public_key: publicKey, created_at: createdAt, last_used_at: lastUsedAt } = row;
  return { id: row.id, name, transports, publicKey, createdAt, lastUsedAt, counter: Number(row.counter) };
}

/** @returns false where another use was as far or further: the answer was copied, or the authenticator was */
export async function notePasskeyUse(db: Queryable, id: string, counter: number): Promise<boolean> {
  const rows = await db.query(
    `update passkeys set counter = $2, last_used_at = now()
      where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id`,
    [id, counter],
  );
  return rows.length > 0;
}

export async function deletePasskey(db: Queryable, person: string, id: string): Promise<boolean> {
  return (await db.query('delete from passkeys where person = $1 and id = $2 returning id', [person, id])).length > 0;
}

/** Shown, and not proven yet. @returns false where one is in use already */
export async function beginTotp(db: Queryable, person: string, sealed: Buffer): Promise<boolean> {
  const rows = await db.query(
    `insert into totp_secrets (person, sealed) values ($1, $2)
     on conflict (person) do update set sealed = excluded.sealed, created_at = now(), last_step = 0
      where totp_secrets.confirmed_at is null returning person`,
    [person, sealed],
  );
  return rows.length > 0;
}

export async function findTotp(db: Queryable, person: string, state: 'confirmed' | 'begun'): Promise<Buffer | undefined> {
  const sql = 'select sealed from totp_secrets where person = $1 and (confirmed_at is not null) = $2';
  return (await db.query<{ sealed: Buffer }>(sql, [person, state === 'confirmed']))[0]?.sealed;
}

/** Takes the code of a time step, once. @returns false for one that was taken, or is older than the last */
export async function takeTotpStep(db: Queryable, person: string, step: number): Promise<boolean> {
  const rows = await db.query(
    `update totp_secrets set last_step = $2, last_used_at = now(), confirmed_at = coalesce(confirmed_at, now())
      where person = $1 and last_step < $2 returning person`,
    [person, step],
  );
  return rows.length > 0;
}

export async function deleteTotp(db: Queryable, person: string): Promise<boolean> {
  const rows = await db.query<{ confirmed_at: Date | null }>(
    'delete from totp_secrets where person = $1 returning confirmed_at',
    [person],
  );
  return rows.some(({ confirmed_at }) => confirmed_at !== null);
}

/** Those before are worth nothing from now on. In a transaction. */
export async function replaceRecoveryCodes(tx: Queryable, person: string, hashes: readonly Buffer[]): Promise<void> {
  await tx.query('delete from recovery_codes where person = $1', [person]);
  await tx.query('insert into recovery_codes (code_hash, person) select hash, $1 from unnest($2::bytea[]) as hash', [
    person,
    hashes,
  ]);
}

/** Takes it, once. */
export async function takeRecoveryCode(db: Queryable, person: string, hash: Buffer): Promise<boolean> {
  const rows = await db.query('delete from recovery_codes where person = $1 and code_hash = $2 returning person', [person, hash]);
  return rows.length > 0;
}

/** In a transaction. @returns how many factors there were */
export async function deleteFactors(tx: Queryable, person: string): Promise<number> {
  const passkeys = await tx.query('delete from passkeys where person = $1 returning id', [person]);
  const totp = await tx.query('delete from totp_secrets where person = $1 returning person', [person]);
  await tx.query('delete from recovery_codes where person = $1', [person]);
  return passkeys.length + totp.length;
}

export type ChallengeUse = 'enrol' | 'prove';

export async function saveChallenge(
  db: Queryable,
  hash: Buffer,
  credential: string,
  use: ChallengeUse,
  ttlMs: number,
): Promise<void> {
  await db.query(
    `insert into factor_challenges (challenge_hash, credential, use, expires_at)
     values ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
    [hash, credential, use, ttlMs],
  );
}

/** Takes it, once, whatever comes of it. */
export async function takeChallenge(db: Queryable, hash: Buffer, credential: string, use: ChallengeUse): Promise<boolean> {
  const rows = await db.query(
    `delete from factor_challenges
      where challenge_hash = $1 and credential = $2 and use = $3 and expires_at > now() returning use`,
    [hash, credential, use],
  );
  return rows.length > 0;
}
