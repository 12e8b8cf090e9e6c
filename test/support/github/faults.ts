// What goes wrong on demand: the next requests that match are answered badly, or not at all.
import { ApiFailure } from './failure.ts';
import type { JsonObject } from './json.ts';

interface Matching {
  /** Default: any. */
  readonly method?: string;
  /** Of the path without `/api/v3`, or of a repository's (`/o/r.git/git-receive-pack`). Default: any. */
  readonly path?: RegExp;
  /** Default: 1. */
  readonly times?: number;
}

export type Fault = Matching &
  (
    | { readonly kind: 'secondaryRateLimit'; readonly retryAfterSeconds?: number }
    | { readonly kind: 'primaryRateLimit'; readonly resetInSeconds?: number }
    | { readonly kind: 'tooManyRequests'; readonly retryAfterSeconds?: number }
    | { readonly kind: 'error'; readonly status: 422 | 500 | 502 | 503 }
    /** The connection ends and nothing has happened. */
    | { readonly kind: 'dropBefore' }
    /** The connection ends, and what was asked for has happened. */
    | { readonly kind: 'dropAfter' }
  );

export interface BadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is the page of a proxy that could not reach GitHub. */
  readonly body: JsonObject | string;
}

export class Faults {
  readonly #queue: { readonly fault: Fault; left: number }[] = [];

  push(...faults: readonly Fault[]): void {
    for (const fault of faults) this.#queue.push({ fault, left: fault.times ?? 1 });
  }

  /** So many requests will still go wrong. */
  get pending(): number {
    return this.#queue.reduce((sum, { left }) => sum + left, 0);
  }

  clear(): void {
    this.#queue.length = 0;
  }

  /** The first that matches, once less from now on. */
  take(method: string, path: string): Fault | undefined {
    const entry = this.#queue.find(({ fault }) => (fault.method ?? method) === method && (fault.path?.test(path) ?? true));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left === 0) this.#queue.splice(this.#queue.indexOf(entry), 1);
    return entry.fault;
  }
}

const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
const UNAVAILABLE = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** `undefined` for what drops the connection. */
export function badAnswer(fault: Fault, now: Date): BadAnswer | undefined {
  switch (fault.kind) {
    case 'secondaryRateLimit':
      return answer(403, SECONDARY, { 'retry-after': String(fault.retryAfterSeconds ?? 1) });
    case 'tooManyRequests':
      return answer(429, SECONDARY, { 'retry-after': String(fault.retryAfterSeconds ?? 1) });
    case 'primaryRateLimit': {
      const reset = Math.ceil(now.getTime() / 1000) + (fault.resetInSeconds ?? 1);
      return answer(403, 'API rate limit exceeded for user ID 1.', {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-used': '5000',
        'x-ratelimit-reset': String(reset),
      });
    }
    case 'error':
      if (fault.status === 502) return { status: 502, headers: {}, body: UNAVAILABLE };
      if (fault.status === 422) return { status: 422, headers: {}, body: new ApiFailure(422, 'Validation Failed', []).body };
      return answer(fault.status, fault.status === 503 ? 'Service unavailable.' : 'Server Error');
    case 'dropBefore':
    case 'dropAfter':
      return undefined;
  }
}

function answer(status: number, message: string, headers: Readonly<Record<string, string>> = {}): BadAnswer {
  return { status, headers, body: new ApiFailure(status, message).body };
}
