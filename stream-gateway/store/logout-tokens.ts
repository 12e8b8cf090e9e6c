// Logout tokens that were used: each counts once, in whichever replica. Only a hash is kept, and only while one could be good.
import type { Queryable } from '../../runtime/db/database.ts';

/** @returns false for one that was used before */
export async function useLogoutToken(db: Queryable, tokenHash: Buffer, keptMs: number): Promise<boolean> {
  const rows = await db.query(
    `insert into logout_tokens (token_hash, expires_at) values ($1, now() + $2 * interval '1 millisecond')
     on conflict (token_hash) do nothing returning token_hash`,
    [tokenHash, keptMs],
  );
  return rows.length > 0;
}
