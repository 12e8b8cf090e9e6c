// A refusal that is an event of its own kind, with its own facts, whatever route it comes from.
import { type ErrorCode, type ErrorDetails, StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';

export class AuditedRefusal extends StreamSpaceError {
  readonly audited: Pick<AuditEvent, 'type' | 'details'>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails & { readonly audited: AuditedRefusal['audited'] }) {
    super(code, message, details);
    this.audited = details.audited;
  }
}
