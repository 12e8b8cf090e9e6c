// The made-up /api/v1: lists with server-sent events, sessions that go through their phases, keys.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionView } from '../../../schemas/api/api.ts';
import type { SignInOption } from '../../../schemas/api/sign-in.ts';
import type { QuotaLeft } from '../src/api/access/quota-api.ts';
import { session } from '../test/objects.ts';
import { gitSyncAnswer } from './git-sync.ts';
import { sharedSessions, sharingAnswer } from './sharing.ts';
import type { Scenario, World } from './world.ts';

type ListName = 'templates' | 'sessions' | 'gitsyncs';

export interface Lists {
  readonly world: World;
  readonly scenario: Scenario;
  readonly watchers: Set<{ readonly list: ListName; readonly response: ServerResponse }>;
}

export function openLists(world: World, scenario: Scenario): Lists {
  return { world, scenario, watchers: new Set() };
}

const WAYS: readonly SignInOption[] = [
  { name: 'settings', type: 'OIDC', displayName: 'Single sign-on' },
  { name: 'partners', type: 'OIDC', displayName: 'Partners' },
  { name: 'octo', type: 'GitHub', displayName: 'GitHub' },
];

export async function answer(lists: Lists, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { world, scenario } = lists;
  const path = url.pathname.replace('/api/v1/', '');
  const list = path as ListName;
  if (path === '/auth/providers') json(response, 200, { items: WAYS });
  else if (scenario === 'signed-out')
    problem(response, 401, 'SignInRequired', 'Nobody is signed in.', 'Sign in, or send an API key.');
  else if (path === 'me') json(response, 200, world.me);
  else if (path === 'quota') json(response, 200, quotaLeft(url.searchParams.get('template') ?? ''));
  else if (path === 'me/api-keys' && request.method === 'GET')
    json(response, 200, { metadata: { resourceVersion: '' }, items: world.apiKeys });
  else if (path === 'me/api-keys')
    json(response, 201, { ...world.apiKeys[0], name: 'new', key: 'ssk_1a2b3c_9f8e7d6c5b4a39281706f5e4d3c2b1a0_7c1e' });
  else if (path.startsWith('me/api-keys/')) response.writeHead(204).end();
  else if (list === 'templates' || list === 'sessions' || list === 'gitsyncs') watch(lists, list, response);
  else if (path === 'shared-sessions') json(response, 200, { items: sharedSessions(Date.now()) });
  else if (/\/(shares|participants|visits|control-requests)(\/|$)/.test(path) || path.startsWith('share/'))
    await answerSharing(request, response, path);
  else if (path.endsWith('/tickets'))
    json(response, 201, {
      ticket: 'preview',
      path: `${url.pathname.replace(/tickets$/, 'stream')}`,
      expiresAt: new Date().toISOString(),
    });
  else if (path.includes('/gitsyncs/')) answerGitSync(request, response, path);
  else if (path.includes('/sessions')) await changeSession(lists, request, response, path);
  else problem(response, 404, 'NotFound', 'The preview does not know this address.', 'Check the name and the namespace.');
}

/** The browser is one too many, anything else has room. */
function quotaLeft(template: string): QuotaLeft {
  const full = template.includes('firefox') || template.includes('browser');
  const message =
    '7.5 of 8 cpu of member in use, needs 1 (Quota streamspace/people); there is room when some of terminal-x7k2p, code-4hd9w are stopped';
  return {
    limits: [
      {
        limit: 'sessionsRunning',
        scope: 'Person',
        quota: 'streamspace/people',
        used: '2',
        hard: '3',
        available: '1',
        needs: '1',
      },
      {
        limit: 'cpu',
        scope: 'Person',
        quota: 'streamspace/people',
        used: full ? '7.5' : '6.5',
        hard: '8',
        available: full ? '0.5' : '1.5',
        needs: '1',
      },
      { limit: 'memory', scope: 'Team', quota: 'streamspace/teams', used: '12Gi', hard: '16Gi', available: '4Gi', needs: '1Gi' },
    ],
    maxSeconds: 28_800,
    refusal: full ? { code: 'QuotaExceeded', message } : null,
  };
}

function answerGitSync(request: IncomingMessage, response: ServerResponse, path: string): void {
  const [, , , , ...rest] = path.split('/');
  const found = gitSyncAnswer(request.method ?? 'GET', rest, Date.now());
  if (found === undefined) problem(response, 404, 'NotFound', 'The preview does not know this object.', 'Check the name.');
  else json(response, 200, found);
}

function watch({ world, scenario, watchers }: Lists, list: ListName, response: ServerResponse): void {
  if (scenario === 'failed') {
    problem(
      response,
      503,
      'ClusterUnreachable',
      'The API server does not answer.',
      'Check that the API server answers; work goes on by itself once it does.',
    );
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const items = { templates: world.templates, sessions: world.sessions, gitsyncs: world.gitSyncs }[list];
  response.write(`event: snapshot\ndata: ${JSON.stringify({ metadata: { resourceVersion: '1' }, items })}\n\n`);
  const watcher = { list, response };
  watchers.add(watcher);
  const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), 15_000);
  response.on('close', () => {
    clearInterval(heartbeat);
    watchers.delete(watcher);
  });
}

function emit({ watchers }: Lists, type: 'added' | 'changed' | 'deleted', object: SessionView): void {
  for (const { list, response } of watchers) {
    if (list === 'sessions') response.write(`event: ${type}\ndata: ${JSON.stringify(object)}\n\n`);
  }
}

async function answerSharing(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const text = await bodyOf(request);
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const { status, answer: found } = sharingAnswer(request.method ?? 'GET', path, body, Date.now());
  if (found === null) response.writeHead(status).end();
  else json(response, status, found);
}

async function changeSession(lists: Lists, request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const [, namespace = '', , name = ''] = path.split('/');
  const { sessions, templates, me } = lists.world;
  if (request.method === 'POST') {
    const { spec } = JSON.parse(await bodyOf(request)) as { spec: { template: string } };
    const template = templates.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === spec.template);
    const made = session(`${template?.metadata.name}-${Math.random().toString(36).slice(2, 7)}`, 'Pending', {
      namespace,
      owner: me.name,
      ...(template === undefined ? {} : { template }),
      metadata: { creationTimestamp: new Date().toISOString() },
      status: { startedAt: new Date().toISOString(), stages: [] },
    });
    sessions.push(made);
    json(response, 201, made);
    emit(lists, 'added', made);
    start(lists, made);
    return;
  }
  const found = sessions.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  if (found === undefined) {
    problem(response, 404, 'NotFound', `There is no session ${name}.`, 'Check the name and the namespace.');
    return;
  }
  if (request.method === 'DELETE') {
    sessions.splice(sessions.indexOf(found), 1);
    response.writeHead(204).end();
    emit(lists, 'deleted', found);
    return;
  }
  const { spec } = JSON.parse(await bodyOf(request)) as Pick<SessionView, 'spec'>;
  const next = change(lists, found, { spec: { ...found.spec, ...spec } });
  json(response, 200, next);
  if (spec.desiredState === 'Running') start(lists, next);
  else setTimeout(() => change(lists, next, { status: { ...next.status, phase: spec.desiredState } }), 1200);
}

const STAGES = ['Admitted', 'VolumeBound', 'Scheduled', 'ImageReady', 'Started', 'Answering'] as const;

function start(lists: Lists, begun: SessionView): void {
  const startedAt = new Date().toISOString();
  STAGES.forEach((_stage, index) => {
    setTimeout(
      () => {
        const stages = STAGES.slice(0, index + 1).map((name, nth) => ({
          name,
          at: new Date(Date.parse(startedAt) + (nth + 1) * 400).toISOString(),
        }));
        const running = index === STAGES.length - 1;
        change(lists, begun, {
          status: {
            ...begun.status,
            phase: running ? 'Running' : 'Starting',
            startedAt,
            stages,
            ...(running ? { runningSince: new Date().toISOString() } : {}),
          },
        });
      },
      (index + 1) * 400,
    );
  });
}

function change(lists: Lists, object: SessionView, fields: Partial<SessionView>): SessionView {
  const index = lists.world.sessions.findIndex(({ metadata }) => metadata.uid === object.metadata.uid);
  const before = lists.world.sessions[index];
  if (before === undefined) return object;
  const after = { ...before, ...fields, metadata: { ...before.metadata, resourceVersion: String(Date.now()) } };
  lists.world.sessions[index] = after;
  emit(lists, 'changed', after);
  return after;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, detail: string, remedy: string): void {
  const body = {
    type: `/api/v1/errors/${code}`,
    title: code,
    status,
    detail,
    code,
    remedy,
    requestId: 'req-preview',
  };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
}
