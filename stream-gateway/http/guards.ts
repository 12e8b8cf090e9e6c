// The one list of guards: a request and an upgrade walk through the same, so no door is forgotten.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { changesSomething, type RequestFacts } from './request-facts.ts';

/** Throws or rejects with a `StreamSpaceError` to refuse. */
export type Guard = (request: RequestFacts) => void | Promise<void>;

export interface GuardPorts {
  /** Origins at which the page is served, such as `https://desktops.example.com`. */
  readonly publicOrigins: readonly string[];
  readonly draining: () => boolean;
  readonly limit: Guard;
}

export function createGuards({ publicOrigins, draining, limit }: GuardPorts): readonly Guard[] {
  return [
    (request) => {
      if (draining() && (request.kind === 'upgrade' || request.path.startsWith('/api/')))
        throw new StreamSpaceError('ShuttingDown', 'this replica is shutting down');
    },
    (request) => requireOrigin(request, publicOrigins),
    limit,
  ];
}

/**
 * What a page of a SAML provider sends by form: answers and logouts. They carry no cookie of ours and sign nobody in; what they say is
 * signed, and an answer counts in the browser alone that asked for it (ADR 0045).
 */
const FROM_ANY_PAGE = /^\/auth\/saml\/[^/]+\/(acs|logout)$/;

/**
 * An upgrade must say where it comes from: browsers always do, and cookies travel with it from any page (RFC 6455, 10.2).
 * A request that changes something may leave it out (programs do); a foreign page cannot.
 */
function requireOrigin(request: RequestFacts, publicOrigins: readonly string[]): void {
  if (request.kind === 'request' && !changesSomething(request.method)) return;
  if (request.kind === 'request' && request.method === 'POST' && FROM_ANY_PAGE.test(request.path)) return;
  const { origin } = request.headers;
  if (origin === undefined && request.kind === 'request') return;
  // Compared whole: a look-alike such as https://desktops.example.com.evil.example is another text.
  if (origin === undefined || !publicOrigins.includes(origin))
    throw new StreamSpaceError('OriginForbidden', 'the request does not come from the page of this gateway');
}

export async function passGuards(guards: readonly Guard[], request: RequestFacts): Promise<void> {
  for (const guard of guards) await guard(request);
}
