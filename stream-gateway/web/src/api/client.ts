// Every request of the page. `fetch` is a port, so a test needs no server; failures are always ApiError.

import type { Me, SessionCreate, SessionView, StreamRight, TicketView } from '../../../../schemas/api/api.ts';
import type { SessionState } from '../../../../schemas/kinds/sessions/session.ts';
import { type AuditApi, auditApi } from './access/audit-api.ts';
import { type PeopleApi, peopleApi } from './access/people-api.ts';
import { type QuotaApi, quotaApi } from './access/quota-api.ts';
import { type TeamsApi, teamsApi } from './access/teams-api.ts';
import { type FactorsApi, factorsApi } from './account/factors-api.ts';
import { type KeysApi, keysApi } from './account/keys-api.ts';
import { type SignInApi, signInApi } from './account/sign-in-api.ts';
import { StepUps } from './account/step-ups.ts';
import { type ChangesApi, changesApi } from './git/changes-api.ts';
import { type GitSyncApi, gitSyncApi } from './git/git-sync-api.ts';
import { type HealthApi, healthApi, type OpenSocket, openSocket } from './health-api.ts';
import { ApiError, problemOf, unreachable } from './problem.ts';
import { type DisplaysApi, displaysApi } from './sessions/displays-api.ts';
import { type FilesApi, filesApi } from './sessions/files-api.ts';
import { type RecordingsApi, recordingsApi } from './sessions/recordings-api.ts';
import { type SharingApi, sharingApi } from './sessions/sharing-api.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Instead of a body. */
  readonly bytes?: Blob | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Api
  extends GitSyncApi,
    RecordingsApi,
    SharingApi,
    FilesApi,
    DisplaysApi,
    QuotaApi,
    SignInApi,
    FactorsApi,
    PeopleApi,
    HealthApi,
    KeysApi,
    AuditApi,
    ChangesApi,
    TeamsApi {
  /** Requests that wait for a second factor. */
  readonly stepUps: StepUps;
  me(signal?: AbortSignal): Promise<Me>;
  createSession(namespace: string, session: SessionCreate): Promise<SessionView>;
  setSessionState(session: ObjectName, desiredState: SessionState): Promise<SessionView>;
  /** Puts the end of an idle session off. */
  snooze(session: ObjectName): Promise<void>;
  deleteSession(session: ObjectName): Promise<void>;
  createTicket(session: ObjectName, right: StreamRight, signal?: AbortSignal): Promise<TicketView>;
  createConsoleTicket(session: ObjectName, signal?: AbortSignal): Promise<TicketView>;
  /** Past the identity provider. */
  breakGlass(password: string): Promise<void>;
  /** Where the browser goes next: the identity provider's own sign-out where it has one. */
  signOut(): Promise<string>;
  /** An open event stream of a list; the caller reads the body. */
  openWatch(path: string, signal: AbortSignal): Promise<Response>;
}

export function createApi(fetch: Fetch, socket: OpenSocket = openSocket): Api {
  // Comes with `me`, lives in memory only: another site can make the browser send the cookie, but cannot read this.
  let csrfToken: string | null = null;
  const stepUps = new StepUps();

  async function send(path: string, call: Call): Promise<Response> {
    const method = call.method ?? 'GET';
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    if (call.body !== undefined) headers['content-type'] ??= 'application/json';
    else if (call.bytes !== undefined) headers['content-type'] = 'application/octet-stream';
    if (method !== 'GET' && csrfToken !== null) headers['x-csrf-token'] = csrfToken;
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.bytes === undefined ? {} : { body: call.bytes }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    }).catch((error: unknown) => {
      if (call.signal?.aborted === true) throw error;
      throw unreachable(error);
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async function readMe(signal?: AbortSignal): Promise<Me> {
    const me = await json<Me>(await send('/api/v1/me', { signal }));
    csrfToken = me.csrfToken;
    return me;
  }

  /** After a new sign-in in another tab our token is stale: read it again, once. A second factor is asked for, and it is repeated. */
  async function change(path: string, call: Call): Promise<Response> {
    try {
      return await send(path, call);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'CsrfInvalid') await readMe(call.signal);
      else if (error.stepUp === undefined || error.stepUp.methods.length === 0 || !(await stepUps.ask(error.stepUp))) throw error;
      return await send(path, call);
    }
  }

  const plain = {
    get: async <T>(path: string, signal: AbortSignal): Promise<T> => await json(await send(path, { signal })),
    post: async (path: string, body: unknown): Promise<void> => void (await change(path, { method: 'POST', body })),
  };

  return {
    stepUps,
    me: readMe,
    async createSession(namespace, session) {
      return json(
        await change(`/api/v1/namespaces/${encodeURIComponent(namespace)}/sessions`, {
          method: 'POST',
          body: session,
          headers: { 'idempotency-key': randomKey() },
        }),
      );
    },
    async setSessionState(session, desiredState) {
      return json(
        await change(sessionPath(session), {
          method: 'PATCH',
          body: { spec: { desiredState } },
          headers: { 'content-type': 'application/merge-patch+json' },
        }),
      );
    },
    async snooze(session) {
      await change(`${sessionPath(session)}/snooze`, { method: 'POST' });
    },
    async deleteSession(session) {
      await change(sessionPath(session), { method: 'DELETE' });
    },
    async createTicket(session, right, signal) {
      return json(await change(`${sessionPath(session)}/tickets`, { method: 'POST', body: { right }, signal }));
    },
    async createConsoleTicket(session, signal) {
      return json(await change(`${sessionPath(session)}/console-tickets`, { method: 'POST', signal }));
    },
    ...gitSyncApi(plain),
    ...recordingsApi(plain),
    ...quotaApi(plain.get),
    ...healthApi(plain.get, socket),
    ...signInApi({
      get: plain.get,
      answerTo: async (path, body) => await json(await send(path, { method: 'POST', body })),
    }),
    ...peopleApi({ get: plain.get, change: (method, path, body) => change(path, { method, body }) }),
    ...teamsApi(plain.get),
    ...changesApi({
      get: plain.get,
      answerTo: async (path, body) => await json(await change(path, { method: 'POST', body })),
    }),
    ...auditApi({ get: plain.get, change: (method, path, body) => change(path, { method, body }) }),
    ...sharingApi({
      get: async (path, signal) => await json(await send(path, { signal })),
      change: async <T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal) => {
        const type = method === 'PATCH' ? { headers: { 'content-type': 'application/merge-patch+json' } } : {};
        const answer = await change(path, { method, body, signal, ...type });
        return answer.status === 204 ? (undefined as T) : await json<T>(answer);
      },
    }),
    ...displaysApi({
      get: plain.get,
      put: async <T>(path: string, body: unknown) => await json<T>(await change(path, { method: 'PUT', body })),
    }),
    ...factorsApi({
      get: async (path, signal) => await json(await send(path, { signal })),
      change: async <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) => {
        const answer = await change(path, { method, body });
        return answer.status === 204 ? (undefined as T) : await json<T>(answer);
      },
      keepToken: (token) => {
        csrfToken = token;
      },
    }),
    ...filesApi({
      get: (path, options) => send(path, options),
      change: (method, path, options) => change(path, { method, ...options }),
    }),
    ...keysApi({ get: async (path, signal) => await json(await send(path, { signal })), change }),
    async breakGlass(password) {
      await send('/auth/break-glass', { method: 'POST', body: { password } });
    },
    async signOut() {
      return locationOf(await change('/auth/sign-out', { method: 'POST' }));
    },
    openWatch: (path, signal) => send(path, { headers: { accept: 'text/event-stream' }, signal }),
  };
}

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

async function locationOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'location' in body && typeof body.location === 'string') return body.location;
  return '/';
}

function sessionPath({ namespace, name }: ObjectName): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/sessions/${encodeURIComponent(name)}`;
}

/** `crypto.randomUUID` exists on https and localhost only; the page is also opened by address in a lab. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
