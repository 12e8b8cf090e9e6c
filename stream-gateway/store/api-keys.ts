// API keys of people. The key itself is shown once and never stored; what is kept finds it again and proves it.
import { timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../../runtime/db/database.ts';
import { CONFIRMED_LATELY, NOT_LOCKED } from '../../runtime/db/person-state.ts';
import { type ApiKeyScope, EVERYTHING } from '../../schemas/api/api-keys.ts';
import { createApiKeyText, parseApiKey } from '../auth/keys/api-key.ts';
import { sha256 } from '../auth/secrets.ts';
import type { Person } from './people.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly scopes: readonly ApiKeyScope[];
  readonly addresses: readonly string[];
  /** The id of the key that took its place. */
  readonly replacedBy: string | null;
}

/** How many keys a person may have: a script that makes one at every run shall notice. */
export const MAX_API_KEYS = 100;

interface ApiKeyRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly scopes: readonly ApiKeyScope[];
  readonly addresses: readonly string[];
  readonly replaced_by: string | null;
}

const COLUMNS = 'id, name, created_at, expires_at, last_used_at, scopes, addresses, replaced_by';

function fromRow(row: ApiKeyRow): ApiKey {
  const { id, name, scopes, addresses } = row;
  return {
    ...{ id, name, createdAt: row.created_at, expiresAt: row.expires_at, lastUsedAt: row.last_used_at },
    ...{ scopes, addresses, replacedBy: row.replaced_by },
  };
}

export interface NewApiKey {
  readonly owner: string;
  readonly name: string;
  readonly expiresAt: Date;
  /** Left out: everything that the owner may, from everywhere. */
  readonly scopes?: readonly ApiKeyScope[];
  readonly addresses?: readonly string[];
  /** Who makes it. Left out: its owner. */
  readonly createdBy?: string;
}

/** The owner must be in `people`. @returns the key, which nobody can read again later */
export async function createApiKey(
  db: Queryable,
  wish: NewApiKey,
): Promise<{ readonly id: string; readonly key: string; readonly createdAt: Date }> {
  const { id, key } = createApiKeyText();
  const [row] = await db.query<{ created_at: Date }>(
    `insert into api_keys (id, owner, name, secret_hash, expires_at, scopes, addresses, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning created_at`,
    [
      ...[id, wish.owner, wish.name, sha256(key), wish.expiresAt, wish.scopes ?? [EVERYTHING], wish.addresses ?? []],
      wish.createdBy ?? null,
    ],
  );
  if (row === undefined) throw new Error('insert returned no row');
  return { id, key, createdAt: row.created_at };
}

/** Newest first. */
export async function listApiKeys(db: Queryable, owner: string): Promise<readonly ApiKey[]> {
  const rows = await db.query<ApiKeyRow>(
    `select ${COLUMNS} from api_keys
      where owner = $1 order by created_at desc, id limit $2`,
    [owner, MAX_API_KEYS],
  );
  return rows.map(fromRow);
}

/** `undefined`: the owner has no such key. Whoever asks within a transaction has it to himself. */
export async function lockApiKey(tx: Queryable, owner: string, id: string): Promise<ApiKey | undefined> {
  const rows = await tx.query<ApiKeyRow>(`select ${COLUMNS} from api_keys where owner = $1 and id = $2 for update`, [owner, id]);
  return rows.map(fromRow)[0];
}

/** The old key ends at `until`, or when it would have anyway. */
export async function replaceApiKey(tx: Queryable, id: string, by: string, until: Date): Promise<Date> {
  const [row] = await tx.query<{ expires_at: Date }>(
    'update api_keys set replaced_by = $2, expires_at = least(expires_at, $3) where id = $1 returning expires_at',
    [id, by, until],
  );
  if (row === undefined) throw new Error('update returned no row');
  return row.expires_at;
}

export async function countApiKeys(db: Queryable, owner: string): Promise<number> {
  const [row] = await db.query<{ count: number }>('select count(*)::int as count from api_keys where owner = $1', [owner]);
  return row?.count ?? 0;
}

/** @returns false when the person has no such key */
export async function deleteApiKey(db: Queryable, owner: string, id: string): Promise<boolean> {
  const rows = await db.query('delete from api_keys where owner = $1 and id = $2 returning id', [owner, id]);
  return rows.length > 0;
}

interface OwnerRow extends Record<string, unknown> {
  readonly secret_hash: Buffer;
  readonly name: string;
  readonly display_name: string;
  readonly groups: readonly string[];
  readonly scopes: readonly ApiKeyScope[];
  readonly addresses: readonly string[];
  readonly expires_at: Date;
  readonly unnoted: boolean;
  readonly locked: boolean;
}

export interface KeyOwner extends Pick<ApiKey, 'id' | 'scopes' | 'addresses' | 'expiresAt'> {
  readonly person: Person;
  /** It is right, and its owner is locked: it opens nothing. */
  readonly locked: boolean;
}

/**
 * The owner of a key, `undefined` for one that is malformed, unknown, wrong or expired, or whose owner the identity provider no
 * longer confirms. Use is noted once a minute.
 */
export async function findKeyOwner(db: Queryable, key: string): Promise<KeyOwner | undefined> {
  const id = parseApiKey(key)?.id;
  if (id === undefined) return undefined;
  const [row] = await db.query<OwnerRow>(
    `select k.secret_hash, k.scopes, k.addresses, k.expires_at, p.name, p.display_name, p.groups,
            coalesce(k.last_used_at < now() - interval '1 minute', true) as unnoted, not (${NOT_LOCKED}) as locked
       from api_keys k join people p on p.name = k.owner where k.id = $1 and k.expires_at > now() and ${CONFIRMED_LATELY} limit 1`,
    [id],
  );
  if (row === undefined || !timingSafeEqual(row.secret_hash, sha256(key))) return undefined;
  if (row.unnoted && !row.locked) await db.query('update api_keys set last_used_at = now() where id = $1', [id]);
  const person = { name: row.name, displayName: row.display_name, groups: row.groups };
  return { id, person, scopes: row.scopes, addresses: row.addresses, expiresAt: row.expires_at, locked: row.locked };
}
