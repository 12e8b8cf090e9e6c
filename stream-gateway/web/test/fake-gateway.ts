// A gateway in memory for the page's `fetch`: lists with open event streams, and a note of every change that was asked for.
import type { GitSyncView, Me, SessionView, TemplateView } from '../../../schemas/api/api.ts';
import type { ChangeView } from '../../../schemas/api/changes.ts';
import type { FactorsView } from '../../../schemas/api/factors.ts';
import type { Fetch } from '../src/api/client.ts';
import type { ListedObject } from '../src/api/live/watch-events.ts';
import { OPEN_SHARING, person } from './objects.ts';

export type ListName = 'sessions' | 'templates' | 'gitsyncs' | 'changes';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface FakeGateway {
  readonly fetch: Fetch;
  readonly asked: readonly Asked[];
  /** An event of a list to everybody who watches it. */
  emit(list: ListName, type: 'added' | 'changed' | 'deleted', object: ListedObject): void;
  /** Ends the open streams of every list, as a restart does. */
  dropStreams(): void;
  /** From now on what this method and path answers; `GET` of a list is its event stream. */
  on(method: string, path: string, answer: (body: unknown) => Response | Promise<Response>): void;
}

export interface GatewayWorld {
  readonly me?: Me | null;
  readonly sessions?: readonly SessionView[];
  readonly templates?: readonly TemplateView[];
  readonly gitsyncs?: readonly GitSyncView[];
  readonly changes?: readonly ChangeView[];
}

const NO_FACTORS: FactorsView = {
  ...{ secondFactor: 'Optional', required: false, offered: ['Passkey', 'Totp'] },
  ...{ passkeys: [], totp: null, recoveryCodes: 0 },
};

export function fakeGateway(world: GatewayWorld = {}): FakeGateway {
  const lists: Record<ListName, readonly ListedObject[]> = {
    sessions: world.sessions ?? [],
    templates: world.templates ?? [],
    gitsyncs: world.gitsyncs ?? [],
    changes: world.changes ?? [],
  };
  const me = world.me === undefined ? person() : world.me;
  const streams = new Set<{ readonly list: ListName; readonly controller: ReadableStreamDefaultController<Uint8Array> }>();
  const answers = new Map<string, (body: unknown) => Response | Promise<Response>>();
  const asked: Asked[] = [];

  const fetch: Fetch = async (path, init = {}) => {
    const method = init.method ?? 'GET';
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
    if (method !== 'GET') asked.push({ method, path, body, headers: new Headers(init.headers) });
    const answer = answers.get(`${method} ${path}`);
    if (answer !== undefined) return answer(body);
    if (method !== 'GET') return jsonResponse(200, {});
    if (path === '/api/v1/me') return me === null ? problemResponse(401, 'SignInRequired') : jsonResponse(200, me);
    if (/^\/api\/v1\/teams\/[^/]+\/machines$/.test(path))
      return jsonResponse(200, { namespace: 'team-web', items: [], may: { update: false } });
    if (path === '/api/v1/me/api-keys') return jsonResponse(200, { items: [] });
    if (path === '/auth/providers')
      return jsonResponse(200, { items: [{ name: 'settings', type: 'OIDC', displayName: 'Single sign-on' }] });
    if (path === '/api/v1/me/factors') return jsonResponse(200, NO_FACTORS);
    if (path === '/api/v1/me/sign-ins') return jsonResponse(200, { items: [] });
    if (path === '/api/v1/shared-sessions') return jsonResponse(200, { items: [] });
    if (path.startsWith('/api/v1/quota?')) return jsonResponse(200, { limits: [], maxSeconds: null, refusal: null });
    if (path.endsWith('/shares')) return jsonResponse(200, { items: [], policy: OPEN_SHARING, refusal: null });
    const list = path.replace('/api/v1/', '');
    if (list === 'sessions' || list === 'templates' || list === 'gitsyncs' || list === 'changes')
      return stream(list, init.signal);
    return problemResponse(404, 'NotFound');
  };

  function stream(list: ListName, signal: AbortSignal | null | undefined): Response {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const open = { list, controller };
        streams.add(open);
        controller.enqueue(sse('snapshot', { metadata: { resourceVersion: '1' }, items: lists[list] }));
        signal?.addEventListener('abort', () => {
          if (streams.delete(open)) controller.close();
        });
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  return {
    fetch,
    asked,
    emit(list, type, object) {
      const others = lists[list].filter(({ metadata }) => metadata.uid !== object.metadata.uid);
      lists[list] = type === 'deleted' ? others : [...others, object];
      for (const open of streams) if (open.list === list) open.controller.enqueue(sse(type, object));
    },
    dropStreams() {
      for (const { controller } of streams) controller.close();
      streams.clear();
    },
    on: (method, path, answer) => answers.set(`${method} ${path}`, answer),
  };
}

export function jsonResponse(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

export function problemResponse(
  status: number,
  code: string,
  fields: { readonly detail?: string; readonly remedy?: string } = {},
): Response {
  return jsonResponse(status, {
    type: `${location.origin}/api/v1/errors/${code}`,
    title: code,
    status,
    detail: fields.detail ?? `the words of ${code}`,
    code,
    remedy: fields.remedy ?? `The remedy of ${code}.`,
    requestId: 'req-1',
  });
}

function sse(event: string, data: unknown): Uint8Array {
  return new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
