// What a request to open a stream says, parsed: the session in its path, the ticket among its subprotocols.
import type { IncomingMessage } from 'node:http';
import { STREAM_NOTICES_PROTOCOL } from '../../../schemas/api/stream-notices.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** What the browser speaks over the WebSocket; the one subprotocol that is ever selected. */
export const STREAM_PROTOCOL = 'binary';
const TICKET_PREFIX = 'streamspace.ticket.';

export interface StreamPath {
  readonly namespace: string;
  readonly session: string;
}

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const PATH = new RegExp(`^/api/v1/namespaces/(${LABEL})/sessions/(${LABEL})/stream$`);

/** Undefined: it is not the path of a stream. A query is not part of the address of one. */
export function parseStreamPath(url: string | undefined): StreamPath | undefined {
  const [, namespace, session] = PATH.exec(url ?? '') ?? [];
  return namespace === undefined || session === undefined ? undefined : { namespace, session };
}

/** Compared whole: a look-alike such as `https://desktops.example.com.evil.example` is another text. @throws OriginForbidden */
export function requireOrigin(request: IncomingMessage, publicOrigins: ReadonlySet<string>): void {
  const { origin } = request.headers;
  if (origin === undefined || !publicOrigins.has(origin))
    throw new StreamSpaceError('OriginForbidden', 'the request does not come from the page of this gateway');
}

/** @throws RequestInvalid without the subprotocol that is spoken, by default `binary`; TicketInvalid without exactly one ticket that looks like one */
export function parseTicket(request: IncomingMessage, spoken: string = STREAM_PROTOCOL): string {
  const offered = offeredBy(request);
  if (!offered.includes(spoken)) throw new StreamSpaceError('RequestInvalid', `the subprotocol ${spoken} is not offered`);
  const tickets = offered.filter((protocol) => protocol.startsWith(TICKET_PREFIX));
  const ticket = tickets[0]?.slice(TICKET_PREFIX.length);
  if (ticket === undefined || tickets.length > 1 || !/^[\w-]{16,512}$/.test(ticket))
    throw new StreamSpaceError('TicketInvalid', 'the request has no ticket, or no valid one');
  return ticket;
}

/** Whether the viewer can be told things beside the picture; it offers a subprotocol for it that is never selected. */
export function wantsNotices(request: IncomingMessage): boolean {
  return offeredBy(request).includes(STREAM_NOTICES_PROTOCOL);
}

function offeredBy(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
}
