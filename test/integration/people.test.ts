// People as those see them who run the platform: locked out, signed out, forgotten. With people of the test's own, so that nobody
// else's sign-ins end.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { findKnownPerson } from '../../controller/changes/known-people.ts';
import type { PersonDetail, PersonList, SignInView } from '../../schemas/api/people.ts';
import { PLATFORM_ADMINS_GROUP } from '../../schemas/names.ts';
import { deriveSecret, newSecret, sha256 } from '../../stream-gateway/auth/secrets.ts';
import { createApiKey } from '../../stream-gateway/store/api-keys.ts';
import { saveDisplayLayout } from '../../stream-gateway/store/display-layouts.ts';
import { seedPerson } from '../../stream-gateway/store/people.ts';
import { createSignIn } from '../../stream-gateway/store/sign-ins.ts';
import { apiAs, openDesktop, runningSession } from '../support/api.ts';
import { auditOf, databaseOf } from '../support/audit.ts';
import type { Servers } from '../support/servers.ts';

const servers = inject('servers');
const admin = apiAs(servers, 'admin');
const LIMITS = { idleMs: 3_600_000, absoluteMs: 3_600_000 };

interface Guest extends AsyncDisposable {
  readonly name: string;
  /** The installation with this person among its people. */
  readonly servers: Servers;
  /** A browser of his: requests with its cookie. */
  browser(from: { readonly address: string; readonly userAgent: string }): Promise<Browser>;
}

interface Browser {
  readonly id: string;
  call<T>(method: string, path: string): Promise<{ readonly status: number; readonly body: T }>;
}

/** @param groups of the directory */
async function guest(groups: readonly string[] = []): Promise<Guest> {
  const name = `guest-${randomUUID().slice(0, 8)}`;
  const db = databaseOf(servers);
  await seedPerson(db, { name, displayName: 'Gus Guest', groups });
  const { key } = await createApiKey(db, { owner: name, name: 'ci', expiresAt: new Date(Date.now() + 3_600_000) });
  const account = { name, role: 'member' as const, password: '', apiKey: key };
  return {
    name,
    servers: { ...servers, people: [...servers.people, account] },
    async browser({ address, userAgent }) {
      const secret = newSecret();
      const id = await createSignIn(db, { person: name, secretHash: sha256(secret), address, userAgent }, LIMITS);
      return {
        id,
        async call<T>(method: string, path: string) {
          const headers = { cookie: `streamspace_session=${secret}`, 'x-csrf-token': deriveSecret(secret, 'csrf') };
          const response = await fetch(`${servers.url}/api/v1${path}`, { method, headers });
          const text = await response.text();
          return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await db.query('delete from person_locks where name = $1', [name]);
      await db.query('delete from people where name = $1', [name]);
      await db[Symbol.asyncDispose]();
    },
  };
}

const FIREFOX = { address: '192.0.2.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0' };
const CURL = { address: '198.51.100.9', userAgent: 'curl/8.15.0' };

test('a person sees where he is signed in and ends one, or all others; nobody ends those of another', async () => {
  await using one = await guest();
  await using other = await guest();
  const [here, there, third] = [await one.browser(FIREFOX), await one.browser(CURL), await one.browser(CURL)];
  const foreign = await other.browser(CURL);
  const { items } = (await here.call<{ readonly items: readonly SignInView[] }>('GET', '/me/sign-ins')).body;
  expect(items).toHaveLength(3);
  expect(items.find(({ id }) => id === here.id)).toMatchObject({
    ...{ browser: 'Firefox 142 on Linux', address: '192.0.2.7', current: true },
  });
  expect(items.filter(({ current }) => current)).toHaveLength(1);
  expect((await here.call('DELETE', `/me/sign-ins/${foreign.id}`)).status).toBe(404);
  expect((await here.call('DELETE', `/me/sign-ins/${there.id}`)).status).toBe(204);
  expect((await there.call('GET', '/me')).status).toBe(401);
  expect((await third.call('GET', '/me')).status).toBe(200);
  expect(await here.call('DELETE', '/me/sign-ins')).toEqual({ status: 200, body: { ended: 1 } });
  expect([(await third.call('GET', '/me')).status, (await here.call('GET', '/me')).status]).toEqual([401, 200]);
  expect((await foreign.call('GET', '/me')).status).toBe(200);
});

test('who is locked has no sign-in, no key and no stream any more; open streams close within 5 s; unlocked, his key works again', async () => {
  await using one = await guest([PLATFORM_ADMINS_GROUP]);
  const browser = await one.browser(FIREFOX);
  await using session = await runningSession(servers, `lock-${randomUUID().slice(0, 6)}`, 'member');
  const name = session.path.split('/').at(-1) ?? '';
  const viewer = await openDesktop(one.servers, one.name, name);
  const reason = 'a lost laptop';
  expect((await admin.send('PUT', `/people/${one.name}/lock`, { reason: ' ' })).status).toBe(400);
  const locked = await admin.send('PUT', `/people/${one.name}/lock`, { reason });
  const lockedAt = performance.now();
  expect(locked.status).toBe(204);
  await viewer.closed;
  expect(performance.now() - lockedAt).toBeLessThan(5_000);
  const refused = await apiAs(one.servers, one.name).get<{ readonly code: string; readonly requestId: string }>('/me');
  expect([refused.status, refused.body.code]).toEqual([401, 'PersonLocked']);
  expect(await auditOf(servers, refused.body.requestId)).toMatchObject([
    { type: 'apikey.refused', result: 'refused', details: { why: 'locked' } },
  ]);
  expect((await browser.call('GET', '/me')).status).toBe(401);
  const { body } = await admin.get<PersonDetail>(`/people/${one.name}`);
  expect(body).toMatchObject({ lock: { reason, by: 'admin' }, signIns: 0, apiKeys: 1, may: { update: true, delete: true } });
  const list = await admin.get<PersonList>(`/people?state=locked&search=${one.name.toUpperCase()}`);
  expect(list.body.items.map((each) => each.name)).toEqual([one.name]);
  expect((await admin.send('DELETE', `/people/${one.name}/lock`)).status).toBe(204);
  expect((await apiAs(one.servers, one.name).get('/me')).status).toBe(200);
  // What ended stays ended.
  expect((await browser.call('GET', '/me')).status).toBe(401);
});

test('nobody locks or forgets himself, and only who may update people ends the sign-ins of another', async () => {
  await using one = await guest();
  const browser = await one.browser(CURL);
  const self = await admin.send('PUT', '/people/admin/lock', { reason: 'a mistake' });
  expect(self).toMatchObject({ status: 400, body: { code: 'RequestInvalid' } });
  expect((await admin.send('DELETE', '/people/admin')).status).toBe(400);
  // An auditor sees people and changes nothing.
  const auditor = apiAs(servers, 'auditor');
  expect((await auditor.get<PersonDetail>(`/people/${one.name}`)).body.may).toEqual({ update: false, delete: false });
  for (const [method, path] of [
    ['DELETE', '/sign-ins'],
    ['DELETE', '/lock'],
    ['DELETE', ''],
  ] as const)
    expect((await auditor.send(method, `/people/${one.name}${path}`)).status).toBe(403);
  expect((await browser.call('GET', '/me')).status).toBe(200);
  expect((await admin.send('DELETE', `/people/${one.name}/sign-ins`)).body).toEqual({ ended: 1 });
  expect((await browser.call('GET', '/me')).status).toBe(401);
});

test('P-02-7 a person is deleted with sign-ins, keys and layouts; the audit log still names the person, and a lock stays', async () => {
  await using one = await guest();
  const browser = await one.browser(FIREFOX);
  const made = await browser.call<{ readonly ended: number }>('DELETE', '/me/sign-ins');
  expect(made.status).toBe(200);
  await using db = databaseOf(servers);
  await saveDisplayLayout(db, one.name, '1'.repeat(64), { displays: [{ column: 0, row: 0, monitor: null }] });
  expect((await admin.send('PUT', `/people/${one.name}/lock`, { reason: 'left' })).status).toBe(204);
  const gone = await admin.send('DELETE', `/people/${one.name}`);
  expect(gone.status).toBe(204);
  for (const [table, column] of [
    ['people', 'name'],
    ['sign_ins', 'person'],
    ['api_keys', 'owner'],
    ['display_layouts', 'owner'],
  ])
    expect(await db.query(`select 1 from ${table} where ${column} = $1`, [one.name])).toEqual([]);
  const history = await admin.get<{ readonly items: readonly { readonly type: string; readonly actor: string }[] }>(
    `/audit?object=Person/${one.name}`,
  );
  expect(history.body.items.map(({ type, actor }) => `${type} by ${actor}`)).toEqual([
    'person.deleted by admin',
    'person.locked by admin',
    `signin.ended by ${one.name}`,
  ]);
  expect((await admin.get<PersonDetail>(`/people/${one.name}`)).body).toMatchObject({
    lock: { reason: 'left' },
    lastSignInAt: null,
  });
  expect((await admin.send('DELETE', `/people/${one.name}`)).status).toBe(404);
});

test('what a forge is told of people: the groups of their last sign-in, for a month, and that they are locked out', async () => {
  await using known = await guest(['web-approvers']);
  await using db = databaseOf(servers);
  const find = () => findKnownPerson(db, known.name);
  expect(await find()).toEqual({ groups: ['web-approvers'], locked: false });
  await db.query("update people set confirmed_at = now() - interval '31 days' where name = $1", [known.name]);
  expect(await find()).toEqual({ groups: [], locked: false });
  await admin.send('PUT', `/people/${known.name}/lock`, { reason: 'left' });
  expect(await find()).toMatchObject({ locked: true });
  expect(await findKnownPerson(db, 'nobody-here')).toEqual({ groups: [], locked: false });
});
