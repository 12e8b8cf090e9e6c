// /api/v1 as a program uses it: with a person's API key.
import type { SessionView, TicketView } from '../../schemas/api/api.ts';
import { connectRfb, type RfbClient } from './rfb-client.ts';
import { personOf, type Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

export interface ApiAs {
  get<T>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>;
  send<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<T>>;
}

export function apiAs(servers: Servers, name: string): ApiAs {
  const authorization = `Bearer ${personOf(servers, name).apiKey}`;
  const call = async <T>(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> => {
    const response = await fetch(`${servers.url}/api/v1${path}`, {
      method,
      headers: {
        authorization,
        ...(body === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // Many values, one a line, are for whoever reads them line by line.
    const isJson = text !== '' && /^application\/(?!x-ndjson).*json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: (isJson ? JSON.parse(text) : undefined) as T, headers: response.headers };
  };
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    send: (method, path, body, headers) => call(method, path, body, headers),
  };
}

const sessions = '/namespaces/team-web/sessions';

/** A session of the team `web`, running; disposing deletes it. */
export async function runningSession(
  servers: Servers,
  name: string,
  person: string,
  template = 'terminal',
): Promise<AsyncDisposable & { readonly path: string }> {
  const api = apiAs(servers, person);
  const created = await api.send('POST', sessions, { metadata: { name }, spec: { template } });
  if (created.status !== 201) throw new Error(`creating ${name} answered ${created.status}: ${JSON.stringify(created.body)}`);
  const path = `${sessions}/${name}`;
  const dispose = async (): Promise<void> => {
    await api.send('DELETE', path);
    await eventually(`session ${name} is gone`, async () => (await api.get(path)).status === 404, { timeoutMs: 60_000 });
  };
  try {
    await untilPhase(servers, person, name, 'Running');
  } catch (error) {
    await dispose();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: dispose };
}

export async function untilPhase(
  servers: Servers,
  person: string,
  name: string,
  phase: string,
  timeoutMs = 60_000,
): Promise<SessionView> {
  let last: unknown;
  return eventually(
    `session ${name} is ${phase}`,
    async () => {
      const { body } = await apiAs(servers, person).get<SessionView>(`${sessions}/${name}`);
      last = body.status;
      return body.status?.phase === phase && body;
    },
    { timeoutMs },
  ).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : ''}; last status ${JSON.stringify(last)}`);
  });
}

/** @throws Error with the answer when the right is refused */
export async function ticketFor(servers: Servers, person: string, name: string, right: 'control' | 'view'): Promise<TicketView> {
  const answer = await apiAs(servers, person).send<TicketView>('POST', `${sessions}/${name}/tickets`, { right });
  if (answer.status !== 201) throw new Error(`the ticket was refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Opens the stream as the page does: a ticket, then the WebSocket. Resolves when the first picture is there. */
export async function openDesktop(
  servers: Servers,
  person: string,
  name: string,
  right: 'control' | 'view' = 'control',
): Promise<RfbClient> {
  const { ticket, path } = await ticketFor(servers, person, name, right);
  const viewer = await connectRfb({ url: `${servers.url.replace(/^http/, 'ws')}${path}`, ticket, origin: servers.url });
  await viewer.until(() => viewer.updates > 0, { what: 'the first picture' });
  return viewer;
}
