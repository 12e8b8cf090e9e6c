// What the audit log says of a session that the controller has brought somewhere: it runs, sleeps, is over, or cannot run.
import type { AuditEvent, AuditEventType } from '../../../schemas/events.ts';
import type { Session, SessionStatus } from '../../../schemas/kinds/sessions/session.ts';

const EVENTS: Readonly<Partial<Record<NonNullable<SessionStatus['phase']>, AuditEventType>>> = {
  Running: 'session.started',
  Hibernated: 'session.hibernated',
  Terminated: 'session.ended',
  Failed: 'session.failed',
};

/** Undefined: it is on its way. Pure. */
export function auditOfPhase({ metadata, spec }: Session, status: SessionStatus): AuditEvent | undefined {
  const type = status.phase === undefined ? undefined : EVENTS[status.phase];
  if (type === undefined) return undefined;
  return {
    type,
    actor: null,
    result: type === 'session.failed' ? 'failure' : 'success',
    object: `Session/${metadata.namespace ?? ''}/${metadata.name}`,
    details: {
      owner: spec.owner,
      template: typeof spec.template === 'string' ? spec.template : JSON.stringify(spec.template),
      ...(status.reason === undefined ? {} : { code: status.reason }),
    },
  };
}
