// Adds to the audit log. Only functions of the database write it (migration 0008), whoever asks.
import type { AuditEvent } from '../../schemas/events.ts';
import type { Queryable } from '../db/database.ts';

/** An event as it is written: with an id and a time of its own, so that it can be written later and only once. */
export interface StampedEvent extends AuditEvent {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Stores the events in the order given; those that are there already are left alone. The database adds the hashes (ADR 0034). */
export async function appendEvents(db: Queryable, events: readonly StampedEvent[]): Promise<void> {
  // One statement and one value: a thousand events of the spool need no thousand round trips.
  await db.query('select audit_append($1::jsonb)', [JSON.stringify(events, (_key, value: unknown) => storable(value))]);
}

/**
 * What jsonb takes, and what has one form in canonical JSON (RFC 8785) there and here: one event that the database refuses would
 * hold up all others in the spool.
 */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\ufffd');
  if (typeof value !== 'number') return value;
  // With an exponent, or a whole number that is not exact any more.
  return /e/.test(String(value)) || (Number.isInteger(value) && !Number.isSafeInteger(value)) ? String(value) : value;
}
