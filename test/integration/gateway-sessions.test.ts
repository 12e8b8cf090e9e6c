// Sessions over the API: the same answer twice, changes that are meant for one state, and tickets.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { SessionView, TicketView } from '../../schemas/api/api.ts';
import { apiAs } from '../support/api.ts';
import { auditOf, databaseOf } from '../support/audit.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const SESSIONS = '/namespaces/team-web/sessions';
const ID = randomUUID().slice(0, 8);
let client: OwnedKubeClient;

const namesOf = async (prefix: string): Promise<readonly string[]> =>
  (await client.list(RESOURCES.sessions, { namespace: 'team-web' })).items
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith(prefix));

async function start(name: string): Promise<SessionView> {
  const made = await apiAs(servers, 'member').send<SessionView>('POST', SESSIONS, {
    metadata: { name },
    spec: { template: 'terminal' },
  });
  expect(made.status).toBe(201);
  return await eventually('the owner has his rights', async () => {
    const { body } = await apiAs(servers, 'member').get<SessionView>(`${SESSIONS}/${name}`);
    return body.may.control && body;
  });
}

/** Sessions that were named by the gateway. */
const unnamed: string[] = [];

beforeAll(() => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
});
afterAll(async () => {
  for (const name of [...(await namesOf(`api-${ID}`)), ...unnamed]) await client.delete(RESOURCES.sessions, 'team-web', name);
  await client[Symbol.asyncDispose]();
});

test('P-00-4 a create that is repeated with its Idempotency-Key makes one object and gives the same answer', async () => {
  const api = apiAs(servers, 'member');
  const key = { 'idempotency-key': randomUUID() };
  const before = new Set(await namesOf('terminal-'));
  const first = await api.send<SessionView>('POST', SESSIONS, { spec: { template: 'terminal' } }, key);
  const second = await api.send<SessionView>('POST', SESSIONS, { spec: { template: 'terminal' } }, key);
  expect(first.status).toBe(201);
  expect(JSON.stringify(second.body)).toBe(JSON.stringify(first.body));
  expect(second.status).toBe(201);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  unnamed.push(first.body.metadata.name);
  expect((await namesOf('terminal-')).filter((name) => !before.has(name))).toEqual(unnamed);
  const different = await api.send('POST', SESSIONS, { metadata: { name: `api-${ID}-x` }, spec: { template: 'terminal' } }, key);
  expect(different.status).toBe(400);
  const other = await apiAs(servers, 'lead').send<SessionView>('POST', SESSIONS, { spec: { template: 'terminal' } }, key);
  expect(other.body.metadata.name).not.toBe(first.body.metadata.name);
  unnamed.push(other.body.metadata.name);
});

test('P-00-4 creates at the same time with one key make one object', async () => {
  const api = apiAs(servers, 'member');
  const key = { 'idempotency-key': randomUUID() };
  const wish = { metadata: { name: `api-${ID}-once` }, spec: { template: 'terminal' } };
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.send<{ code?: string }>('POST', SESSIONS, wish, key)));
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
  for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe('RequestInProgress');
});

test('a name that is taken, a template that is not there, and a body with mistakes are told apart', async () => {
  const api = apiAs(servers, 'member');
  const name = `api-${ID}-taken`;
  await start(name);
  const taken = await api.send('POST', SESSIONS, { metadata: { name }, spec: { template: 'terminal' } });
  expect([taken.status, taken.body]).toMatchObject([409, { code: 'AlreadyExists' }]);
  const unknown = await api.send('POST', SESSIONS, { spec: { template: 'nowhere' } });
  expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'TemplateNotFound' }]);
  const wrong = await api.send('POST', SESSIONS, { spec: { template: 'Not A Name' } });
  expect([wrong.status, wrong.body]).toMatchObject([400, { code: 'RequestInvalid', fields: [{ path: 'spec.template' }] }]);
});

test('a change meant for an older state is refused', async () => {
  const api = apiAs(servers, 'member');
  const name = `api-${ID}-etag`;
  const { metadata } = await start(name);
  await client.mergePatch(RESOURCES.sessions, 'team-web', name, { metadata: { labels: { changed: 'yes' } } });
  // One that it had before, and ones that no object ever has: the API server answers the latter with status 500.
  for (const version of [metadata.resourceVersion, ')7', '0', '9'.repeat(30)]) {
    const headers = { 'if-match': `"${version}"` };
    const stale = await api.send('PATCH', `${SESSIONS}/${name}`, { spec: { desiredState: 'Hibernated' } }, headers);
    expect([version, stale.status, stale.body]).toMatchObject([version, 409, { code: 'ResourceVersionConflict' }]);
    expect((await api.send('DELETE', `${SESSIONS}/${name}`, undefined, headers)).status).toBe(409);
  }
  const plain = await api.send<SessionView>('PATCH', `${SESSIONS}/${name}`, { spec: { desiredState: 'Hibernated' } });
  expect([plain.status, plain.body.spec.desiredState]).toEqual([200, 'Hibernated']);
});

/** The close code, or the HTTP status when there was no upgrade. */
function knock(
  path: string,
  ticket: string,
  origin: string = servers.url,
): Promise<{ readonly http?: number; readonly close?: number }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${servers.url.replace('http', 'ws')}${path}`, ['binary', `streamspace.ticket.${ticket}`], {
      origin,
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ http: response.statusCode ?? 0 });
      socket.terminate();
    });
    socket.on('message', () => socket.close());
    socket.on('close', (close) => resolve({ close }));
    socket.on('error', (error) => (error.message.includes('before the connection') ? undefined : reject(error)));
  });
}

test('G-50 a ticket opens one door once: replayed, expired and for another session it is refused', async () => {
  const api = apiAs(servers, 'member');
  const [one, two] = [`api-${ID}-one`, `api-${ID}-two`];
  await start(one);
  await start(two);
  const ticketOf = async (name: string): Promise<TicketView> =>
    (await api.send<TicketView>('POST', `${SESSIONS}/${name}/tickets`, { right: 'control' })).body;
  const ticket = await ticketOf(one);
  expect(Date.parse(ticket.expiresAt) - Date.now()).toBeLessThanOrEqual(30_000);
  expect((await knock(ticket.path, ticket.ticket)).http).toBeUndefined();
  expect(await knock(ticket.path, ticket.ticket)).toEqual({ http: 403 });
  const foreign = await ticketOf(one);
  expect(await knock((await ticketOf(two)).path, foreign.ticket)).toEqual({ http: 403 });
  expect(await knock(foreign.path, foreign.ticket)).toEqual({ http: 403 });
  const late = await ticketOf(one);
  await using db = databaseOf(servers);
  const expire = "update tickets set expires_at = now() - interval '1 second' where namespace = 'team-web' and session = $1";
  await db.query(expire, [one]);
  expect(await knock(late.path, late.ticket)).toEqual({ http: 403 });
  // Written behind the answer, in order.
  const refused = () =>
    db.query("select 1 from audit_events where type = 'ticket.refused' and object = $1", [`Session/team-web/${one}`]);
  await eventually('every refusal is in the audit', async () => (await refused()).length >= 3);
  expect((await refused()).length).toBe(3);
});

test('G-50 a ticket of a session that was deleted and made again under its name opens nothing', async () => {
  const name = `api-${ID}-again`;
  await start(name);
  const api = apiAs(servers, 'member');
  const { body } = await api.send<TicketView>('POST', `${SESSIONS}/${name}/tickets`, { right: 'view' });
  await client.delete(RESOURCES.sessions, 'team-web', name);
  await eventually('it is gone', async () => (await client.find(RESOURCES.sessions, 'team-web', name)) === undefined);
  await start(name);
  const { close } = await knock(body.path, body.ticket);
  expect([1008, 1013]).toContain(close);
});

test.each(['https://evil.example', 'null', 'http://localhost.evil.example'])(
  'G-51 an upgrade from the origin %s is refused',
  async (origin) => {
    expect(await knock(`/api/v1${SESSIONS}/any/stream`, 'x'.repeat(43), origin)).toEqual({ http: 403 });
  },
);

test('the auditor reads what happened, page by page, and finds a session by its name', async () => {
  const requestId = randomUUID();
  const name = `api-${ID}-audited`;
  await apiAs(servers, 'member').send(
    'POST',
    SESSIONS,
    { metadata: { name }, spec: { template: 'terminal' } },
    { 'x-request-id': requestId },
  );
  const auditor = apiAs(servers, 'auditor');
  type Page = {
    readonly metadata: { readonly continue?: string };
    readonly items: readonly { readonly id: string; readonly requestId: string }[];
  };
  const found = await auditor.get<Page>(
    `/audit?object=${encodeURIComponent(`Session/team-web/${name}`)}&type=session.created&actor=member`,
  );
  expect(found.body.items.map((item) => item.requestId)).toEqual([requestId]);
  expect(await auditOf(servers, requestId)).toMatchObject([{ details: { template: 'terminal', owner: 'member' } }]);
  const first = (await auditor.get<Page>('/audit?limit=2')).body;
  const second = (await auditor.get<Page>(`/audit?limit=2&continue=${first.metadata.continue}`)).body;
  expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(4);
});
