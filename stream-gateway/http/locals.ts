// What earlier handlers leave for later ones on the response.
import type { Response } from 'express';
import type { RequestFacts } from './request-facts.ts';

/** Set by the first handler of the app, so it is always there. */
export function localsOf(res: Response): RequestFacts {
  return res.locals['facts'] as RequestFacts;
}

export function setLocals(res: Response, facts: RequestFacts): void {
  res.locals['facts'] = facts;
}
