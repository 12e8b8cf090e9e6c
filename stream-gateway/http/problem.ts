// Errors as problem+json (RFC 9457): made here only, from the table of codes; no stack trace, no cause, nothing typed.

import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { Problem } from '../../schemas/api/api.ts';
import { stepUpNeed } from '../../schemas/api/factors.ts';
import { ERRORS, StreamSpaceError } from '../../schemas/errors.ts';
import { httpStatusOf } from '../../schemas/http-status.ts';
import { fromKubeStatus } from './kube-problem.ts';

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export function requestInvalid(message: string, fields: readonly FieldProblem[] = []): StreamSpaceError {
  return new StreamSpaceError('RequestInvalid', message, { facts: { fields } });
}

/** Whatever was thrown, as one of our codes; what nobody foresaw is `Internal`, without its message. */
export function toStreamSpaceError(error: unknown): StreamSpaceError {
  // The client's words name the inner address of the API server: they are for the log.
  if (error instanceof StreamSpaceError && error.code === 'ClusterUnreachable')
    return new StreamSpaceError('ClusterUnreachable', 'the API server does not answer', { cause: error });
  if (error instanceof StreamSpaceError) return error;
  if (error instanceof KubeStatusError) return fromKubeStatus(error);
  // What Express and its body parser throw, by the `type` and `status` of http-errors.
  const { type, status } = error instanceof Error ? (error as Error & { type?: unknown; status?: unknown }) : {};
  if (type === 'entity.too.large') return new StreamSpaceError('RequestTooLarge', 'the body is larger than 256 KiB');
  if (type === 'entity.parse.failed') return requestInvalid('the body is not JSON');
  if (typeof status === 'number' && status >= 400 && status < 500) return requestInvalid('the request cannot be read');
  return new StreamSpaceError('Internal', 'something went wrong inside the gateway', { cause: error });
}

export interface ProblemContext {
  readonly requestId: string;
  /** Of this installation, without a path: it explains its own codes (http/routes/errors.ts). */
  readonly publicUrl: string;
}

export function problemOf(error: StreamSpaceError, { requestId, publicUrl }: ProblemContext): Problem {
  const fields = error.facts['fields'];
  const stepUp = stepUpNeed.safeParse(error.facts['stepUp']);
  return {
    type: `${publicUrl}/api/v1/errors/${error.code}`,
    title: titleOf(error.code),
    status: httpStatusOf(error.code),
    detail: error.message,
    code: error.code,
    remedy: ERRORS[error.code].remedy,
    requestId,
    ...(Array.isArray(fields) && fields.length > 0 ? { fields } : {}),
    ...(stepUp.success ? { stepUp: stepUp.data } : {}),
  };
}

/** `ResourceVersionConflict` -> `Resource version conflict`. */
function titleOf(code: string): string {
  const words = code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whole seconds, for the header `Retry-After`. */
export function retryAfterSeconds(error: StreamSpaceError): number | undefined {
  if (error.retryAfterMs !== undefined) return Math.ceil(error.retryAfterMs / 1000);
  return error.entry.category === 'unavailable' && error.entry.retry === 'backoff' && error.code !== 'Internal' ? 2 : undefined;
}
