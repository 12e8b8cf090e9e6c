// Deletes what has expired, once a minute. Nothing depends on it: every query looks at the time itself.
import type { Queryable } from '../../runtime/db/database.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';

const STATEMENTS = [
  'delete from sign_ins where least(idle_after, expires_at) < now()',
  'delete from pending_sign_ins where expires_at < now()',
  'delete from waiting_sign_ins where expires_at < now()',
  'delete from factor_challenges where expires_at < now()',
  "delete from totp_secrets where confirmed_at is null and created_at < now() - interval '1 day'",
  'delete from logout_tokens where expires_at < now()',
  'delete from saml_messages where expires_at < now()',
  'delete from tickets where expires_at < now()',
  'delete from idempotency_keys where expires_at < now()',
  'delete from share_visits where expires_at < now()',
  "delete from seats where seen_at < now() - interval '5 minutes'",
  "delete from moderator_absences where left_at < now() - interval '1 day'",
  // A month longer, so that the owner still sees which one it was that stopped to work.
  "delete from api_keys where expires_at < now() - interval '30 days'",
] as const;

export async function cleanUp(db: Queryable): Promise<void> {
  for (const statement of STATEMENTS) await db.query(statement);
}

/** Resolves when the signal is aborted. */
export async function cleanUpLoop(ports: {
  readonly db: Queryable;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { db, log, signal } = ports;
  while (!signal.aborted) {
    await cleanUp(db).catch((error: unknown) => log.debug({ err: error }, 'clean-up of expired rows failed'));
    await delay(60_000, signal).catch(() => undefined);
  }
}
