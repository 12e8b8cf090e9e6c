// The one error of the page: what the gateway answered (RFC 9457), or that it did not answer.
import type { Problem } from '../../../../schemas/api/api.ts';
import type { StepUpNeed } from '../../../../schemas/api/factors.ts';
import { ERRORS, type ErrorCode } from '../../../../schemas/errors.ts';

type FieldProblem = NonNullable<Problem['fields']>[number];

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Usually a code of schemas/errors.ts; a newer gateway may send one that this page does not know. */
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly remedy: string;
  /** Null where no answer came. */
  readonly requestId: string | null;
  readonly fields: readonly FieldProblem[];
  /** Of `StepUpRequired`: what is asked for. */
  readonly stepUp: StepUpNeed | undefined;

  constructor(problem: {
    readonly code: string;
    readonly status: number;
    readonly detail: string;
    readonly remedy: string;
    readonly requestId: string | null;
    readonly fields?: readonly FieldProblem[] | undefined;
    readonly stepUp?: StepUpNeed | undefined;
    readonly cause?: unknown;
  }) {
    super(problem.detail, problem.cause === undefined ? undefined : { cause: problem.cause });
    this.code = problem.code;
    this.status = problem.status;
    this.remedy = problem.remedy;
    this.requestId = problem.requestId;
    this.fields = problem.fields ?? [];
    this.stepUp = problem.stepUp;
  }

  get forbidden(): boolean {
    return this.status === 403;
  }

  get signedOut(): boolean {
    return this.status === 401;
  }
}

/** Any failure as an {@link ApiError}; what is not one is a gateway that did not answer. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return unreachable(error);
}

export function unreachable(cause: unknown): ApiError {
  return new ApiError({
    code: 'GatewayUnreachable',
    status: 0,
    detail: 'StreamSpace does not answer.',
    remedy: ERRORS.GatewayUnreachable.remedy,
    requestId: null,
    cause,
  });
}

/** Reads the body of a response that is not ok. Never rejects: a proxy's HTML page makes an error too. */
export async function problemOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id');
  const body: unknown = await response.json().catch(() => null);
  if (!isProblem(body)) {
    const code: ErrorCode = response.status >= 500 ? 'GatewayUnreachable' : 'Internal';
    return new ApiError({
      code,
      status: response.status,
      detail: `The answer was ${response.status} without an explanation.`,
      remedy: ERRORS[code].remedy,
      requestId,
    });
  }
  return new ApiError({ ...body, status: response.status, requestId: body.requestId ?? requestId });
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  return (
    'code' in body && typeof body.code === 'string' && 'detail' in body && typeof body.detail === 'string' && 'remedy' in body
  );
}

/** What happened, what to do about it, and the code to ask about. */
export function explained({ message, remedy, code }: ApiError): string {
  return `${/[.!?]$/u.test(message) ? message : `${message}.`} ${remedy} (${code})`;
}

/** What to do about a code that stands in a status (a session's reason, a problem of a GitSync). */
export function remedyOf(code: string | undefined): string | null {
  if (code === undefined || !Object.hasOwn(ERRORS, code)) return null;
  return ERRORS[code as ErrorCode].remedy;
}
