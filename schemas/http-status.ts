// What a failure looks like from outside: the HTTP status of an answer and the close code of a WebSocket, by category.
import type { ErrorCategory } from './errors/entry.ts';
import { ERRORS, type ErrorCode } from './errors.ts';

/** RFC 9110, 15; 422 is not used: a request that cannot be understood and one that breaks a rule are both 400. */
export const HTTP_STATUS: Readonly<Record<ErrorCategory, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
};

/** RFC 6455, 7.4.1, and 1013 ("try again later") of the IANA registry. */
export const CLOSE_CODE: Readonly<Record<ErrorCategory, number>> = {
  invalid: 1002,
  unauthenticated: 1008,
  forbidden: 1008,
  notFound: 1008,
  conflict: 1008,
  limit: 1009,
  unavailable: 1013,
};

/** Codes whose status says more than that of their category. */
const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  RequestTooLarge: 413,
  FileSizeDenied: 413,
  FileScanLimit: 413,
  HomeFull: 507,
  MediaTypeUnsupported: 415,
  MethodNotAllowed: 405,
  Internal: 500,
};

export function httpStatusOf(code: ErrorCode): number {
  return STATUS_OF_CODE[code] ?? HTTP_STATUS[ERRORS[code].category];
}

export function closeCodeOf(code: ErrorCode): number {
  return CLOSE_CODE[ERRORS[code].category];
}
