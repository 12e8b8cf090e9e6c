// What every hook shares: so many a minute, and how a refusal is answered.
import type { ErrorRequestHandler, Request } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { httpStatusOf } from '../../../schemas/http-status.ts';

export interface Allowance {
  readonly points: number;
  /** Seconds. */
  readonly duration: number;
}

export class Brake {
  readonly #limiter: RateLimiterMemory;

  constructor(allowance: Allowance) {
    this.#limiter = new RateLimiterMemory(allowance);
  }

  /** @throws RateLimited, with the time to wait */
  async count(key: string): Promise<void> {
    try {
      await this.#limiter.consume(key);
    } catch (left) {
      if (!(left instanceof RateLimiterRes)) throw left;
      throw new StreamSpaceError('RateLimited', 'too many hooks', { retryAfterMs: Math.max(1_000, left.msBeforeNext) });
    }
  }

  /** By where the request comes from. @throws RateLimited */
  async countAddress(req: Request): Promise<void> {
    await this.count(req.socket.remoteAddress ?? '');
  }
}

/** @param tell makes what a library threw an error of ours */
export function answerErrors(tell: (error: unknown) => unknown): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const told = tell(error);
    if (!(told instanceof StreamSpaceError)) {
      next(error);
      return;
    }
    if (told.retryAfterMs !== undefined) res.setHeader('retry-after', Math.ceil(told.retryAfterMs / 1000));
    res.status(httpStatusOf(told.code)).json({ code: told.code, error: told.message });
  };
}
