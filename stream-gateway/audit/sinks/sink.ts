// What a sink of an AuditPolicy is to whoever delivers: a batch goes in, and it resolves once the receiver has it.
import type { StoredEvent } from '../../store/audit.ts';

/** Rejects with AuditSinkFailed, or as the socket does; then the batch is offered again, as a whole. */
export type Deliver = (events: readonly StoredEvent[], signal: AbortSignal) => Promise<void>;

/** As it leaves: the fields of the API. */
export function eventJson({ seq, ...event }: StoredEvent): string {
  return JSON.stringify({ seq: Number(seq), ...event });
}

/** Bytes of at most this many events at once; what is longer comes in more batches. */
export const BATCH = 500;
