// SAML assertions and logout requests that were used: each counts once, in whichever replica. Only a hash is kept, and only while one
// could be good.
import type { Queryable } from '../../runtime/db/database.ts';

/** @returns false for one that was used before */
export async function useSamlMessage(db: Queryable, messageHash: Buffer, goodUntil: Date): Promise<boolean> {
  const rows = await db.query(
    `insert into saml_messages (message_hash, expires_at) values ($1, $2)
     on conflict (message_hash) do nothing returning message_hash`,
    [messageHash, goodUntil],
  );
  return rows.length > 0;
}
