// How code that cannot wait, or must not fail with it, writes to the audit log.
import type { AuditEvent } from '../../schemas/events.ts';

/** Returns at once; the event has the time of the call. What can be kept nowhere is counted and told by `audit.lost`. */
export type RecordAudit = (event: AuditEvent) => void;
