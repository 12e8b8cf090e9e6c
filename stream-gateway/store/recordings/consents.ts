// What owners of sessions answered where a policy records with their consent.
import type { Queryable } from '../../../runtime/db/database.ts';

export interface Consent {
  readonly person: string;
  readonly agreed: boolean;
  readonly at: Date;
}

export async function saveConsent(
  db: Queryable,
  sessionUid: string,
  consent: Consent & { readonly policyHash: string },
): Promise<void> {
  await db.query('insert into recording_consents (session_uid, person, agreed, policy_hash, at) values ($1, $2, $3, $4, $5)', [
    sessionUid,
    consent.person,
    consent.agreed,
    consent.policyHash,
    consent.at,
  ]);
}

/** The newest answer; undefined: nobody has answered. */
export async function findConsent(db: Queryable, sessionUid: string): Promise<Consent | undefined> {
  const [row] = await db.query<{ person: string; agreed: boolean; at: Date }>(
    'select person, agreed, at from recording_consents where session_uid = $1 order by seq desc limit 1',
    [sessionUid],
  );
  return row;
}
