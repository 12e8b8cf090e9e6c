// What guards, audit and logs know of a request before anybody looks at its content; the same for an upgrade.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export interface RequestFacts {
  readonly kind: 'request' | 'upgrade';
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly sourceAddress: string;
  readonly requestId: string;
}

/** Plain IPv4 also where the socket is a dual-stack one. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

/** Whether a proxy at this address is believed; `hop` counts from the connection. */
export type TrustProxy = (address: string, hop: number) => boolean;

/** The nearest address that is no trusted proxy: what stands further left in `X-Forwarded-For` anybody may have written. */
export function sourceAddressOf(req: IncomingMessage, trust: TrustProxy): string {
  const forwarded = req.headers['x-forwarded-for'];
  const hops = [forwarded ?? []].flat().flatMap((value) => value.split(','));
  const addresses = [req.socket.remoteAddress ?? '', ...hops.map((hop) => hop.trim()).reverse()];
  const own = addresses.findIndex((address, hop) => hop === addresses.length - 1 || !trust(address, hop));
  return plainAddress(addresses[own]);
}

/** An id that came with the request is kept when it is harmless in a log: so a proxy's log and ours have the same. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,128}$/.test(given) ? given : randomUUID();
}

export function factsOf(
  kind: RequestFacts['kind'],
  req: IncomingMessage,
  sourceAddress: string,
  requestId: string,
): RequestFacts {
  return {
    kind,
    method: req.method ?? 'GET',
    path: (req.url ?? '/').split('?', 1)[0] ?? '/',
    headers: req.headers,
    sourceAddress,
    requestId,
  };
}

/** RFC 9110, 9.2.1. */
export function changesSomething(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}
