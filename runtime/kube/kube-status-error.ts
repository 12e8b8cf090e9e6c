// The API server's own words for a failure (meta/v1 Status), kept as it said them.

/** One mistake in a request: the field by its path, and what is wrong with it. */
export interface StatusCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

interface StatusBody {
  readonly kind?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly details?: {
    readonly retryAfterSeconds?: unknown;
    readonly causes?: readonly { readonly field?: unknown; readonly reason?: unknown; readonly message?: unknown }[];
  };
}

export interface KubeStatusDetails {
  readonly statusCode: number;
  /** `NotFound`, `Conflict`, `Invalid`, ...; empty where the answer was no Status. */
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterMs?: number | undefined;
}

/** The API server answered, and the answer is a failure. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError';
  readonly statusCode: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** How long the API server asks to wait (429, 503), in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(details: KubeStatusDetails) {
    super(details.message);
    this.statusCode = details.statusCode;
    this.reason = details.reason;
    this.causes = details.causes ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function parse(body: string): StatusBody {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Reads a Status; whatever else a proxy may have answered becomes the message, cut to 1,000 characters. */
export function statusError(statusCode: number, body: string, retryAfter?: string): KubeStatusError {
  const status = parse(body);
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds ?? Number.NaN);
  return new KubeStatusError({
    statusCode,
    reason: text(status.reason),
    message: text(status.message) || body.trim().slice(0, 1000) || `HTTP status ${statusCode}`,
    causes: (status.details?.causes ?? []).map((cause) => ({
      field: text(cause.field),
      reason: text(cause.reason),
      message: text(cause.message),
    })),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
  });
}

/** True for an answer of the API server with this status, such as 404 or 409. */
export function isStatus(error: unknown, statusCode: number, reason?: string): error is KubeStatusError {
  return error instanceof KubeStatusError && error.statusCode === statusCode && (reason === undefined || error.reason === reason);
}
