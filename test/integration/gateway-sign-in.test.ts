// Signing in and out through the real identity provider, and what must not work.
import { randomInt, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { expect, inject, test } from 'vitest';
import { apiAs } from '../support/api.ts';
import { auditOf, databaseOf } from '../support/audit.ts';
import { personOf } from '../support/servers.ts';
import { Visitor } from '../support/visitor.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');

async function refusal(
  response: Response,
): Promise<{ readonly status: number; readonly code: string; readonly events: readonly string[] }> {
  const problem = (await response.json()) as { readonly code: string; readonly requestId: string };
  const events = await auditOf(servers, problem.requestId);
  return { status: response.status, code: problem.code, events: events.map(({ type, result }) => `${type} ${result}`) };
}

const REFUSED = { status: 401, code: 'SignInFailed', events: ['signin.failed refused'] };
const json = { accept: 'application/json' };

test('a person signs in, is brought back to the page asked for, and signs out', async () => {
  const visitor = new Visitor(servers);
  const { location, csrfToken } = await visitor.signIn('member', '/catalog?q=term#top');
  expect(location).toBe('/catalog?q=term#top');
  expect(await (await visitor.open('/api/v1/me')).json()).toMatchObject({
    name: 'member',
    teams: expect.arrayContaining([expect.objectContaining({ name: 'web', role: 'member' })]),
  });
  const out = await visitor.open('/auth/sign-out', { method: 'POST', headers: { ...json, 'x-csrf-token': csrfToken } });
  expect(out.status).toBe(200);
  expect(((await out.json()) as { location: string }).location).toMatch(/^http:\/\/localhost:\d+\/.*post_logout_redirect_uri=/);
  expect((await visitor.open('/api/v1/me')).status).toBe(401);
});

test('the cookie is out of reach of scripts and other sites, and new at each sign-in', async () => {
  const visitor = new Visitor(servers);
  await visitor.signIn('viewer');
  const first = visitor.cookie('streamspace_session');
  const answer = await visitor.open(await visitor.untilCallback('viewer'));
  const header = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('streamspace_session='));
  expect(header).toMatch(/; HttpOnly; SameSite=Lax; Path=\/; Max-Age=\d+$/);
  expect(visitor.cookie('streamspace_session')).not.toBe(first);
  const old = await fetch(`${servers.url}/api/v1/me`, { headers: { cookie: `streamspace_session=${first}` } });
  expect(old.status).toBe(401);
});

test.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example'])(
  'a sign-in does not lead back to %j',
  async (returnTo) => {
    const answer = await new Visitor(servers).open(`/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
    expect(answer.status).toBe(400);
  },
);

test('P-01-10 a callback that is opened a second time is refused and audited', async () => {
  const visitor = new Visitor(servers);
  const callback = await visitor.untilCallback('member');
  expect((await visitor.open(callback)).status).toBe(303);
  expect(await refusal(await visitor.open(callback, { headers: json }))).toEqual(REFUSED);
});

test('P-01-10 a callback with another state is refused and audited', async () => {
  const visitor = new Visitor(servers);
  const callback = new URL(await visitor.untilCallback('member'));
  callback.searchParams.set('state', 'x'.repeat(43));
  expect(await refusal(await visitor.open(callback.href, { headers: json }))).toEqual(REFUSED);
});

test('P-01-10 a callback that belongs to another browser is refused: nobody is signed in as somebody else', async () => {
  const attacker = new Visitor(servers);
  const victim = new Visitor(servers);
  const callback = await attacker.untilCallback('member');
  await victim.open('/auth/sign-in');
  expect(await refusal(await victim.open(callback, { headers: json }))).toEqual(REFUSED);
  expect(victim.cookie('streamspace_session')).toBeUndefined();
});

test('P-01-10 a code that was made for another sign-in of the same browser is refused: nonce and verifier differ', async () => {
  const visitor = new Visitor(servers);
  const first = new URL(await visitor.untilCallback('member'));
  const second = new URL(await visitor.untilCallback('member'));
  second.searchParams.set('code', first.searchParams.get('code') ?? '');
  expect(await refusal(await visitor.open(second.href, { headers: json }))).toEqual(REFUSED);
});

test('a change with the cookie needs the CSRF token of this sign-in; each refusal is one event', async () => {
  const visitor = new Visitor(servers);
  const { csrfToken } = await visitor.signIn('member');
  const change = { json: { name: 'csrf', expiresInDays: 1 } };
  const other = new Visitor(servers);
  const foreign = await other.signIn('member');
  const without = await refusal(await visitor.open('/api/v1/me/api-keys', change));
  expect(without).toEqual({ status: 403, code: 'CsrfInvalid', events: ['request.refused refused'] });
  const wrong = await visitor.open('/api/v1/me/api-keys', { ...change, headers: { 'x-csrf-token': foreign.csrfToken } });
  expect((await refusal(wrong)).code).toBe('CsrfInvalid');
  const made = await visitor.open('/api/v1/me/api-keys', { ...change, headers: { 'x-csrf-token': csrfToken } });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  await apiAs(servers, 'member').send('DELETE', `/me/api-keys/${id}`);
});

test.each(['https://evil.example', 'null', 'http://localhost.evil.example'])(
  'G-51 a change from the origin %s is refused',
  async (origin) => {
    const answer = await apiAs(servers, 'member').send('POST', '/me/api-keys', { name: 'origin' }, { origin });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'OriginForbidden' });
  },
);

test('P-01-14 a revoked key is worth nothing, and no key, cookie or ticket stands in a dump of the database', async () => {
  const api = apiAs(servers, 'member');
  const made = await api.send<{ readonly id: string; readonly key: string }>('POST', '/me/api-keys', {
    name: 'dump',
    expiresInDays: 1,
  });
  const { id, key } = made.body;
  const meWith = (bearer: string) => fetch(`${servers.url}/api/v1/me`, { headers: { authorization: `Bearer ${bearer}` } });
  expect((await meWith(key)).status).toBe(200);
  const visitor = new Visitor(servers);
  await visitor.signIn('member');
  await visitor.open('/auth/sign-in');
  const secrets = [
    key,
    key.split('_')[2],
    personOf(servers, 'member').apiKey,
    visitor.cookie('streamspace_session'),
    visitor.cookie('streamspace_sign_in'),
  ];
  await using db = databaseOf(servers);
  const tables = ['people', 'sign_ins', 'pending_sign_ins', 'api_keys', 'tickets', 'idempotency_keys', 'audit_events'];
  for (const table of tables) {
    const rows = await db.query<{ row: string }>(`select t::text as row from ${table} t limit 100000`);
    const dump = rows.map(({ row }) => row).join('\n');
    for (const secret of secrets) {
      expect(secret).toBeTruthy();
      expect(dump.includes(secret ?? '')).toBe(false);
      // Nor as bytes: bytea is printed in hexadecimal.
      expect(dump.includes(Buffer.from(secret ?? '').toString('hex'))).toBe(false);
    }
  }
  expect((await api.send('DELETE', `/me/api-keys/${id}`)).status).toBe(204);
  expect((await meWith(key)).status).toBe(401);
});

/** From an address of its own, so that the ban hits nobody else. */
function meFrom(localAddress: string, key: string): Promise<{ readonly status: number; readonly requestId: string }> {
  const requestId = randomUUID();
  const { port } = new URL(servers.url);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'x-request-id': requestId };
    request({ host: '127.0.0.1', port, path: '/api/v1/me', localAddress, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, requestId }));
    })
      .on('error', reject)
      .end();
  });
}

test('P-01-12 an address with 20 wrong keys is banned, even with a right one; each wrong key is an event', async () => {
  // A ban outlives the test: another run against the same installation has other addresses.
  const [address, neighbour] = [`127.${randomInt(1, 255)}.${randomInt(1, 255)}.12`, `127.${randomInt(1, 255)}.0.13`];
  const good = personOf(servers, 'viewer').apiKey;
  const answers = [];
  for (let attempt = 0; attempt < 21; attempt += 1) answers.push(await meFrom(address, `ssk_wrong_${attempt}`));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  expect((await meFrom(address, good)).status).toBe(429);
  expect((await meFrom(neighbour, good)).status).toBe(200);
  for (const { requestId } of answers) {
    const events = await eventually('the event is there', async () => {
      const rows = await auditOf(servers, requestId);
      return rows.length > 0 && rows;
    });
    expect(events).toMatchObject([{ type: 'apikey.refused', actor: null, source_address: address }]);
  }
});
