import { expect, test } from 'vitest';
import { fakeGateway, jsonResponse, problemResponse } from '../../test/fake-gateway.ts';
import { person } from '../../test/objects.ts';
import { createApi } from './client.ts';
import { ApiError } from './problem.ts';

test('a change carries the token that came with me, a read does not need it', async () => {
  const gateway = fakeGateway({ me: person({ csrfToken: 'abc' }) });
  const api = createApi(gateway.fetch);
  await api.me();
  await api.deleteSession({ namespace: 'team-web', name: 'one' });
  expect(gateway.asked.map(({ method, path, headers }) => [method, path, headers.get('x-csrf-token')])).toEqual([
    ['DELETE', '/api/v1/namespaces/team-web/sessions/one', 'abc'],
  ]);
});

test('a stale token is read again, and the change is tried once more, not for ever', async () => {
  const gateway = fakeGateway();
  const answers = [problemResponse(403, 'CsrfInvalid'), jsonResponse(200, {})];
  gateway.on('DELETE', '/api/v1/namespaces/team-web/sessions/one', () => answers.shift() ?? problemResponse(403, 'CsrfInvalid'));
  const api = createApi(gateway.fetch);
  await api.deleteSession({ namespace: 'team-web', name: 'one' });
  await expect(api.deleteSession({ namespace: 'team-web', name: 'one' })).rejects.toMatchObject({ code: 'CsrfInvalid' });
  expect(gateway.asked).toHaveLength(4);
});

test('P-00-4 each creation has its own idempotency key', async () => {
  const gateway = fakeGateway();
  const api = createApi(gateway.fetch);
  await api.createSession('team-web', { spec: { template: 'streamspace/terminal' } });
  await api.createSession('team-web', { spec: { template: 'streamspace/terminal' } });
  const keys = gateway.asked.map(({ headers }) => headers.get('idempotency-key'));
  expect(new Set(keys).size).toBe(2);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
});

test('a problem keeps code, remedy, request id and fields', async () => {
  const gateway = fakeGateway();
  gateway.on('POST', '/api/v1/me/api-keys', () => problemResponse(422, 'RequestInvalid', { detail: 'name is too long' }));
  const error = await createApi(gateway.fetch)
    .createApiKey({ name: 'x', expiresInDays: 1 })
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 'RequestInvalid', status: 422, message: 'name is too long', requestId: 'req-1' });
});

test("a proxy's HTML page and a dead network are errors with words, too", async () => {
  const html = createApi(async () => new Response('<h1>Bad gateway</h1>', { status: 502 }));
  await expect(html.me()).rejects.toMatchObject({ code: 'GatewayUnreachable', status: 502 });
  const dead = createApi(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(dead.me()).rejects.toMatchObject({ code: 'GatewayUnreachable', status: 0, requestId: null });
});

test('names go into the path encoded', async () => {
  const gateway = fakeGateway();
  await createApi(gateway.fetch).requestSync({ namespace: 'a/b', name: '../me' });
  expect(gateway.asked[0]?.path).toBe('/api/v1/namespaces/a%2Fb/gitsyncs/..%2Fme/sync');
});
