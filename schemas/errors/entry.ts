// What the table of error codes says of each.
export const ERROR_CATEGORIES = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'notFound',
  'conflict',
  'limit',
  'unavailable',
] as const;
/** What kind of failure it is; HTTP status and WebSocket close code follow from it. */
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

export const RETRY_CLASSES = ['never', 'backoff', 'after'] as const;
/** `never` waits for an event, `backoff` retries with jitter, `after` names the time. */
export type RetryClass = (typeof RETRY_CLASSES)[number];

export interface ErrorEntry {
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** What the reader can do, in one plain sentence. */
  readonly remedy: string;
}
