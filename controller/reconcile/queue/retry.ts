// Which retry an error asks for. Pure: the queue has the clock.
import { KubeStatusError } from '../../../runtime/kube/kube-status-error.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';

export type Retry =
  | { readonly class: 'never' }
  | { readonly class: 'backoff' }
  /** `earliest`: whoever asked for patience gets it, whatever comes in between. */
  | { readonly class: 'after'; readonly delayMs: number; readonly earliest: boolean };

export interface JudgedError {
  /** For metrics and logs: our code, or the API server's reason. */
  readonly code: string;
  readonly retry: Retry;
}

const BACKOFF: Retry = { class: 'backoff' };

/** An error that nobody foresaw is tried again too: a defect must not leave an object behind for ever. */
export function judgeError(error: unknown): JudgedError {
  if (error instanceof StreamSpaceError) {
    const { retry, category } = error.entry;
    if (retry === 'never') return { code: error.code, retry: { class: 'never' } };
    return {
      code: error.code,
      retry:
        error.retryAfterMs === undefined
          ? BACKOFF
          : { class: 'after', delayMs: error.retryAfterMs, earliest: category === 'limit' },
    };
  }
  if (error instanceof KubeStatusError) {
    const code = error.statusCode === 429 ? 'ClusterBusy' : 'ClusterRequestFailed';
    return {
      code,
      retry: error.retryAfterMs === undefined ? BACKOFF : { class: 'after', delayMs: error.retryAfterMs, earliest: true },
    };
  }
  return { code: 'Internal', retry: BACKOFF };
}
