// Sharing as the page does it: shares by their owner, links by whoever has them, streams over both.

import type { TicketView } from '../../schemas/api/api.ts';
import type { PresenceNotice } from '../../schemas/api/presence-notices.ts';
import type { ShareCreated, VisitCreated } from '../../schemas/api/sharing.ts';
import { type Answer, apiAs } from './api.ts';
import { connectRfb, type RfbClient } from './rfb-client.ts';
import type { Servers } from './servers.ts';

/** @throws Error with the answer when it is refused */
export async function shareOf(servers: Servers, path: string, wish: object, person = 'member'): Promise<ShareCreated> {
  const answer = await apiAs(servers, person).send<ShareCreated>('POST', `${path}/shares`, wish);
  if (answer.status !== 201) throw new Error(`the share was refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export const secretOf = ({ link }: ShareCreated): string => new URL(link ?? '').hash.slice(1);

export interface Refused {
  readonly code: string;
  readonly detail: string;
}

/** As somebody with an account, or as nobody. */
export async function postAs<T>(servers: Servers, person: string | null, path: string, body: object): Promise<Answer<T>> {
  if (person !== null) return await apiAs(servers, person).send<T>('POST', path, body);
  const response = await fetch(`${servers.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: servers.url },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T, headers: response.headers };
}

export async function openLinkAs(servers: Servers, person: string | null, secret: string, name?: string): Promise<VisitCreated> {
  const answer = await postAs<VisitCreated>(servers, person, '/share/visits', {
    secret,
    ...(name === undefined ? {} : { name }),
  });
  if (answer.status !== 201) throw new Error(`${(answer.body as unknown as Refused).code}: the link was refused`);
  return answer.body;
}

/** The code that refuses; `opened` where nothing does. */
export async function refusalOf(servers: Servers, person: string | null, path: string, body: object): Promise<string> {
  const answer = await postAs<Refused>(servers, person, path, body);
  return answer.status < 300 ? 'opened' : answer.body.code;
}

/** A stream over a visit, with the first picture. @param origin of the page, where the replica has another address */
export async function streamOf(
  servers: Servers,
  person: string | null,
  { pass }: Pick<VisitCreated, 'pass'>,
  origin = servers.url,
): Promise<RfbClient> {
  const { body, status } = await postAs<TicketView>(servers, person, '/share/tickets', { pass });
  if (status !== 201) throw new Error(`${(body as unknown as Refused).code}: the ticket was refused`);
  return await openTicket(servers, body, origin);
}

export async function openTicket(servers: Servers, { ticket, path }: TicketView, origin = servers.url): Promise<RfbClient> {
  const url = `${servers.url.replace(/^http/, 'ws')}${path}`;
  const viewer = await connectRfb({ url, ticket, origin, notices: true });
  await viewer.until(() => viewer.updates > 0, { what: 'the first picture' });
  return viewer;
}

/** A stream by a right of his own, or over a share that names the person. */
export async function streamAs(servers: Servers, person: string, path: string, right: 'control' | 'view'): Promise<RfbClient> {
  const { body, status } = await postAs<TicketView>(servers, person, `${path}/tickets`, { right });
  if (status !== 201) throw new Error(`${(body as unknown as Refused).code}: the ticket was refused`);
  return await openTicket(servers, body);
}

/** Who is here, as this viewer has heard it last. */
export function presenceOf(viewer: RfbClient): PresenceNotice | undefined {
  const text = viewer.notices.findLast((notice) => notice.includes('"type":"presence"'));
  return text === undefined ? undefined : (JSON.parse(text) as PresenceNotice);
}
