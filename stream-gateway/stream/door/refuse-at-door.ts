// A refusal at the door of streams or of consoles, wherever that stands: counted, told to the log and, where it may be an attack, to the audit.
import type { Duplex } from 'node:stream';
import type { Logger } from '../../../runtime/log/log.ts';
import type { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent, AuditEventType } from '../../../schemas/events.ts';
import { refuseRaw } from '../../http/refuse-raw.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import type { StreamPath } from './stream-request.ts';

export interface RefusalPorts {
  /** Without a path; refusals link to it. */
  readonly publicUrl: string;
  readonly audit: (event: AuditEvent) => void;
  readonly metrics: Pick<StreamMetrics, 'refused'>;
  readonly log: Logger;
}

export interface RefusedAttempt {
  readonly path: StreamPath | undefined;
  readonly requestId: string;
  readonly sourceAddress: string | undefined;
}

const REFUSALS: Readonly<Partial<Record<StreamSpaceError['code'], AuditEventType>>> = {
  OriginForbidden: 'origin.refused',
  TicketInvalid: 'ticket.refused',
};

/** Over HTTP: whoever is refused here has no right to know anything. */
export function refuseAtDoor(ports: RefusalPorts, socket: Duplex, attempt: RefusedAttempt, error: StreamSpaceError): void {
  const type = REFUSALS[error.code];
  if (type !== undefined) auditRefusal(ports, type, null, attempt, error);
  tellRefusal(ports, error, attempt.requestId);
  refuseRaw(socket, error, { requestId: attempt.requestId, publicUrl: ports.publicUrl });
}

export function tellRefusal({ metrics, log }: RefusalPorts, error: StreamSpaceError, requestId: string): void {
  metrics.refused(error.code);
  log[error.code === 'Internal' ? 'error' : 'info']({ err: error, code: error.code, requestId }, 'refused at the door');
}

export function auditRefusal(
  { audit }: RefusalPorts,
  type: AuditEventType,
  actor: string | null,
  { path, requestId, sourceAddress }: RefusedAttempt,
  { code }: StreamSpaceError,
): void {
  audit({
    ...{ type, actor, result: 'refused', requestId },
    ...(path === undefined ? {} : { object: objectOf(path) }),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    details: { code },
  });
}

export function objectOf({ namespace, session }: StreamPath): string {
  return `Session/${namespace}/${session}`;
}
