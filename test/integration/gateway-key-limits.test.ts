// API keys that were narrowed: less than their owner may, and only from where they were made for.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { ApiKeyCreate } from '../../schemas/api/api-keys.ts';
import { apiAs } from '../support/api.ts';
import { auditOf } from '../support/audit.ts';

const servers = inject('servers');

interface Answer {
  readonly code?: string;
  readonly requestId?: string;
  readonly detail?: string;
  readonly id?: string;
  readonly expiresAt?: string;
}

/** A key of the member, revoked at the end, and requests with it. */
async function keyWith(limits: Pick<ApiKeyCreate, 'scopes' | 'addresses'>) {
  const api = apiAs(servers, 'member');
  const wish = { name: `limits-${randomUUID().slice(0, 6)}`, expiresInDays: 1, ...limits };
  const { status, body } = await api.send<{ readonly id: string; readonly key: string; readonly expiresAt: string }>(
    'POST',
    '/me/api-keys',
    wish,
  );
  expect(status).toBe(201);
  return {
    ask: async (method: string, path: string, json?: unknown) => {
      const response = await fetch(`${servers.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${body.key}`, 'content-type': 'application/json' },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      const answer = (response.status === 204 ? {} : await response.json()) as Answer;
      return { ...answer, status: response.status };
    },
    ...{ id: body.id, expiresAt: body.expiresAt },
    [Symbol.asyncDispose]: async () => {
      await api.send('DELETE', `/me/api-keys/${body.id}`);
    },
  };
}

test('a key does what its scopes say and no more; what is refused is an event', async () => {
  await using key = await keyWith({ scopes: ['templates:read', 'sessions:write'] });
  const sessions = '/namespaces/team-web/sessions';
  expect((await key.ask('GET', '/templates')).status).toBe(200);
  expect((await key.ask('GET', sessions)).status).toBe(200); // write has read in it
  const refused = await key.ask('GET', '/me');
  expect(refused).toMatchObject({ status: 403, code: 'Forbidden', detail: expect.stringContaining('me:read') });
  expect(await auditOf(servers, refused.requestId ?? '')).toMatchObject([{ type: 'request.refused', actor: 'member' }]);
  // A desktop is another area than the list of them.
  const ticket = await key.ask('POST', `${sessions}/none/tickets`, { right: 'view' });
  expect(ticket).toMatchObject({ status: 403, detail: expect.stringContaining('streams:write') });
});

test('a key with scopes makes no key with others', async () => {
  await using key = await keyWith({ scopes: ['me:write'] });
  const more = await key.ask('POST', '/me/api-keys', { name: 'more', expiresInDays: 1 });
  expect(more).toMatchObject({ status: 403, code: 'Forbidden' });
});

test('a key with addresses makes no key without, and no key makes one that lasts longer than itself', async () => {
  await using here = await keyWith({ addresses: ['127.0.0.0/8', '::1'] });
  expect(await here.ask('POST', '/me/api-keys', { name: 'more', expiresInDays: 1 })).toMatchObject({
    status: 403,
    code: 'Forbidden',
  });
  await using short = await keyWith({});
  const longer = await short.ask('POST', '/me/api-keys', { name: 'more', expiresInDays: 2 });
  expect(longer).toMatchObject({ status: 400, code: 'RequestInvalid' });
  const more = await short.ask('POST', '/me/api-keys', { name: `limits-${randomUUID().slice(0, 6)}` });
  expect(more).toMatchObject({ status: 201, expiresAt: short.expiresAt });
  expect((await short.ask('DELETE', `/me/api-keys/${more.id}`)).status).toBe(204);
  // It replaces itself by one like it.
  expect(await short.ask('POST', `/me/api-keys/${short.id}/rotate`, { expiresInDays: 365 })).toMatchObject({
    status: 400,
    code: 'RequestInvalid',
  });
  const next = await short.ask('POST', `/me/api-keys/${short.id}/rotate`, {});
  expect(next.status).toBe(201);
  expect(Date.parse(String(next.expiresAt)) - Date.now()).toBeLessThan(86_460_000);
  await apiAs(servers, 'member').send('DELETE', `/me/api-keys/${next.id}`);
});

test('a key is worth nothing from another address, which is an event and no guess', async () => {
  await using key = await keyWith({ addresses: ['203.0.113.0/24'] });
  // More often than wrong keys are let pass: whoever has a right key is not banned with others of his address.
  for (let round = 0; round < 25; round += 1) {
    const refused = await key.ask('GET', '/me');
    expect(refused).toMatchObject({
      status: 401,
      code: 'ApiKeyInvalid',
      detail: expect.stringContaining('may not be used from'),
    });
    if (round > 0) continue;
    const [event] = await auditOf(servers, refused.requestId ?? '');
    expect(event).toMatchObject({ type: 'apikey.refused', details: { why: 'address' } });
  }
  await using here = await keyWith({ addresses: ['127.0.0.0/8', '::1'] });
  expect((await here.ask('GET', '/me')).status).toBe(200);
});

test('what is no scope and no address is refused with the field', async () => {
  const api = apiAs(servers, 'member');
  for (const [field, value] of [
    ['scopes', ['sessions:delete']],
    ['scopes', []],
    ['addresses', ['10.0.0.0/33']],
    ['addresses', ['example.com']],
  ] as const) {
    const answer = await api.send<{ readonly detail: string }>('POST', '/me/api-keys', { name: 'x', [field]: value });
    expect(answer).toMatchObject({ status: 400, body: { code: 'RequestInvalid', detail: expect.stringContaining(field) } });
  }
});
