// `Idempotency-Key`: the same request with the same key makes one object and gives the same answer, for 24 hours.
import type { Database, Queryable } from '../../runtime/db/database.ts';

const KEPT_MS = 24 * 3_600_000;
/** A request that has not answered after this is taken for dead (its process crashed), and a repeat goes on with it. */
const CLAIM_MS = 30_000;

export interface IdempotentRequest {
  readonly person: string;
  readonly key: string;
  readonly requestHash: Buffer;
  /** The name that the object would get; kept, so that a repeat makes the same one. */
  readonly objectName: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly location: string | null;
}

export type Claim =
  /** `repeated`: an earlier try may have made the object already. */
  | { readonly state: 'claimed'; readonly objectName: string; readonly repeated: boolean }
  | { readonly state: 'answered'; readonly answer: StoredAnswer }
  | { readonly state: 'busy' }
  | { readonly state: 'different' };

interface ClaimRow extends Record<string, unknown> {
  readonly request_hash: Buffer;
  readonly object_name: string;
  readonly status: number | null;
  readonly response: unknown;
  readonly location: string | null;
  readonly busy: boolean;
}

export async function claimKey(db: Database, request: IdempotentRequest): Promise<Claim> {
  return await db.transaction(async (tx) => {
    const inserted = await tx.query(
      `insert into idempotency_keys (person, key, request_hash, object_name, expires_at)
       values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')
       on conflict (person, key) do nothing returning key`,
      [request.person, request.key, request.requestHash, request.objectName, KEPT_MS],
    );
    if (inserted.length > 0) return { state: 'claimed', objectName: request.objectName, repeated: false };
    const [row] = await tx.query<ClaimRow>(
      `select request_hash, object_name, status, response, location,
              claimed_at > now() - $3 * interval '1 millisecond' as busy
         from idempotency_keys where person = $1 and key = $2 for update`,
      [request.person, request.key, CLAIM_MS],
    );
    // Deleted between the two statements: whoever held it gave it back.
    if (row === undefined) return { state: 'busy' };
    if (!row.request_hash.equals(request.requestHash)) return { state: 'different' };
    if (row.status !== null)
      return { state: 'answered', answer: { status: row.status, body: row.response, location: row.location } };
    if (row.busy) return { state: 'busy' };
    await tx.query('update idempotency_keys set claimed_at = now() where person = $1 and key = $2', [
      request.person,
      request.key,
    ]);
    return { state: 'claimed', objectName: row.object_name, repeated: true };
  });
}

export async function saveAnswer(db: Queryable, person: string, key: string, answer: StoredAnswer): Promise<void> {
  await db.query('update idempotency_keys set status = $3, response = $4, location = $5 where person = $1 and key = $2', [
    person,
    key,
    answer.status,
    JSON.stringify(answer.body),
    answer.location,
  ]);
}

/** After a failure that made nothing: the next try may be a different one. */
export async function releaseKey(db: Queryable, person: string, key: string): Promise<void> {
  await db.query('delete from idempotency_keys where person = $1 and key = $2 and status is null', [person, key]);
}
