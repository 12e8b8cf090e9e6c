// API keys before their end: told of once each, whoever looks; replaced with the same rights; and what every answer says of it.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { Database } from '../../runtime/db/database.ts';
import type { ApiKeyRotated, ApiKeyView } from '../../schemas/api/api-keys.ts';
import { createApiKey, listApiKeys, replaceApiKey } from '../../stream-gateway/store/api-keys.ts';
import { listEvents } from '../../stream-gateway/store/audit.ts';
import { countExpiringKeys, warnOfKeys } from '../../stream-gateway/store/key-warnings.ts';
import { seedPerson } from '../../stream-gateway/store/people.ts';
import { apiAs } from '../support/api.ts';
import { auditOf, databaseOf } from '../support/audit.ts';
import { freshDatabase } from '../support/fresh-database.ts';

const servers = inject('servers');
const DAY_MS = 24 * 3_600_000;
const inDays = (days: number, from = new Date()): Date => new Date(from.getTime() + days * DAY_MS);

async function keyOf(db: Database, days: number): Promise<string> {
  return (await createApiKey(db, { owner: 'mia', name: `for ${days} days`, expiresAt: inDays(days) })).id;
}

async function toldOf(db: Database, id: string): Promise<readonly unknown[]> {
  const events = await listEvents(db, { type: 'apikey.expiring', object: `ApiKey/${id}` }, 100);
  return events.map(({ details }) => details?.['days']).reverse();
}

test('a key is told of seven days before its end and once more a day before, whoever looks and however often', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  await seedPerson(db, { name: 'mia', displayName: 'Mia', groups: [] });
  const id = await keyOf(db, 90);
  const look = async (now: Date): Promise<number> =>
    // As replicas do, side by side.
    (await Promise.all(Array.from({ length: 4 }, () => warnOfKeys(db, now)))).reduce((sum, told) => sum + told, 0);
  expect(await look(inDays(82))).toBe(0);
  expect(await countExpiringKeys(db, inDays(82))).toBe(0);
  expect(await look(inDays(83.5))).toBe(1);
  expect(await countExpiringKeys(db, inDays(83.5))).toBe(1);
  expect(await look(inDays(84))).toBe(0);
  expect(await look(inDays(89.5))).toBe(1);
  expect(await look(inDays(89.9))).toBe(0);
  expect(await look(inDays(91))).toBe(0);
  expect(await toldOf(db, id)).toEqual([7, 1]);
});

test('a key that nobody looked at for a week is told of once; one made for less than a week is not told of as if that were news', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  await seedPerson(db, { name: 'mia', displayName: 'Mia', groups: [] });
  const [late, week, day] = [await keyOf(db, 90), await keyOf(db, 7), await keyOf(db, 1)];
  await warnOfKeys(db, inDays(0.1));
  expect([await toldOf(db, week), await toldOf(db, day)]).toEqual([[], []]);
  await warnOfKeys(db, inDays(6.5));
  expect(await toldOf(db, week)).toEqual([1]);
  await warnOfKeys(db, inDays(89.5));
  expect(await toldOf(db, late)).toEqual([1]);
});

test('a key that was replaced is told of no more', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  await seedPerson(db, { name: 'mia', displayName: 'Mia', groups: [] });
  const [old, next] = [await keyOf(db, 90), await keyOf(db, 180)];
  await replaceApiKey(db, old, next, inDays(85));
  expect(await warnOfKeys(db, inDays(84))).toBe(0);
  expect(await countExpiringKeys(db, inDays(84))).toBe(0);
  expect((await listApiKeys(db, 'mia')).find(({ id }) => id === old)?.replacedBy).toBe(next);
});

interface Made extends ApiKeyView {
  readonly key: string;
}

const member = apiAs(servers, 'member');
const ask = (key: string, method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${servers.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function made(wish: object): Promise<Made & AsyncDisposable> {
  const { status, body } = await member.send<Made>('POST', '/me/api-keys', {
    name: `expiry-${randomUUID().slice(0, 6)}`,
    ...wish,
  });
  expect(status).toBe(201);
  return { ...body, [Symbol.asyncDispose]: async () => void (await member.send('DELETE', `/me/api-keys/${body.id}`)) };
}

test('every answer to a key says when it ends, also one that refuses; the list says which end soon', async () => {
  await using key = await made({ expiresInDays: 3, scopes: ['templates:read'] });
  for (const path of ['/templates', '/me'])
    expect((await ask(key.key, 'GET', path)).headers.get('authentication-info')).toBe(`expires="${key.expiresAt}"`);
  expect((await fetch(`${servers.url}/api/v1/errors`)).headers.get('authentication-info')).toBeNull();
  const { body } = await member.get<{ readonly items: readonly ApiKeyView[] }>('/me/api-keys');
  expect(body.items.find(({ id }) => id === key.id)).toMatchObject({ expiresWithinDays: 7, replacedBy: null });
});

test('a key is replaced by one with the same name and rights, while the old one goes on for the grace time', async () => {
  await using old = await made({ expiresInDays: 30, scopes: ['templates:read', 'me:write'], addresses: ['127.0.0.0/8', '::1'] });
  // With itself, as a pipeline does.
  const response = await ask(old.key, 'POST', `/me/api-keys/${old.id}/rotate`, { graceHours: 1 });
  expect(response.status).toBe(201);
  const next = (await response.json()) as ApiKeyRotated & Made;
  await using _next = { [Symbol.asyncDispose]: async () => void (await member.send('DELETE', `/me/api-keys/${next.id}`)) };
  expect(next).toMatchObject({ name: old.name, scopes: old.scopes, addresses: old.addresses });
  expect(Math.abs(Date.parse(next.expiresAt) - inDays(30).getTime())).toBeLessThan(60_000);
  expect(Math.abs(Date.parse(next.oldExpiresAt) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  const [event] = await auditOf(servers, response.headers.get('x-request-id') ?? '');
  expect(event).toMatchObject({ type: 'apikey.rotated', object: `ApiKey/${old.id}`, details: { by: next.id } });
  for (const { key } of [old, next]) expect((await ask(key, 'GET', '/templates')).status).toBe(200);
  const again = await ask(next.key, 'POST', `/me/api-keys/${old.id}/rotate`, {});
  // Not itself, and narrowed: it comes to no other key.
  expect(again.status).toBe(403);
  const twice = await member.send('POST', `/me/api-keys/${old.id}/rotate`, {});
  expect(twice).toMatchObject({ status: 409, body: { code: 'ApiKeyReplaced' } });
});

test('without a grace time the old key ends at once; of two that replace it at the same time one is told', async () => {
  await using old = await made({ expiresInDays: 30 });
  const answers = await Promise.all(
    [1, 2].map(() => member.send<ApiKeyRotated & Made>('POST', `/me/api-keys/${old.id}/rotate`, { graceHours: 0 })),
  );
  const good = answers.filter(({ status }) => status === 201);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect((await ask(old.key, 'GET', '/me')).status).toBe(401);
  expect((await ask(good[0]?.body.key ?? '', 'GET', '/me')).status).toBe(200);
  await member.send('DELETE', `/me/api-keys/${good[0]?.body.id ?? ''}`);
});

test('nobody replaces the key of another', async () => {
  await using key = await made({ expiresInDays: 1 });
  expect((await apiAs(servers, 'admin').send('POST', `/me/api-keys/${key.id}/rotate`, {})).status).toBe(404);
  await using db = databaseOf(servers);
  expect((await listApiKeys(db, 'member')).find(({ id }) => id === key.id)?.replacedBy).toBeNull();
});
