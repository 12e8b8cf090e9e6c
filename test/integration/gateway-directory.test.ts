// Signing in at the gateway with name and password, against a real directory.
import { expect, inject, test } from 'vitest';
import { PROVIDER_SECRET_TYPE } from '../../schemas/kinds/sign-in/provider-secret.ts';
import { identityServer } from '../support/identity-server.ts';
import { providersWorld } from '../support/providers-world.ts';
import { DIRECTORY_PASSWORD, startSlapd } from '../support/slapd.ts';

const servers = inject('servers');

async function company() {
  await using stack = new AsyncDisposableStack();
  const slapd = stack.use(await startSlapd());
  const settings = stack.use(await identityServer({ mia: ['platform-admins'] }));
  const world = stack.use(await providersWorld(servers, settings));
  await slapd.addPerson('mia', 'right one');
  await slapd.setGroup('platform-admins', ['mia']);
  const password = Buffer.from(DIRECTORY_PASSWORD).toString('base64');
  world.secrets.set('directory', { type: PROVIDER_SECRET_TYPE, data: { password } });
  const { url, certificateAuthority, bindDN, userBase, groupBase } = slapd;
  const bindPasswordRef = { name: 'directory', key: 'password' };
  const ldap = { url, certificateAuthority, bindDN, bindPasswordRef, userBase, groupBase };
  world.put('corp', { type: 'LDAP', displayName: 'Company', ldap });
  const moved = stack.move();
  const post = async (username: string, given: string, returnTo = '/catalog') =>
    await world.visitor().open('/auth/password', { json: { provider: 'corp', username, password: given, returnTo } });
  return { slapd, ...world, post, [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose]() };
}

test('a person of a directory signs in with his password, as nobody of another provider, and is asked about again', async () => {
  await using world = await company();
  const form = await world.visitor().open('/auth/sign-in?provider=corp&returnTo=/catalog');
  expect(form.headers.get('location')).toBe(`${world.url}/sign-in?returnTo=%2Fcatalog&provider=corp`);
  const answer = await world.post('mia', 'right one');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ location: '/catalog' });
  expect(answer.headers.getSetCookie().join()).toMatch(/streamspace_session=.*HttpOnly; SameSite=Lax/);
  expect(await world.groupsOf('corp:mia')).toEqual(['corp:platform-admins']);
  expect(world.events).toMatchObject([{ type: 'signin.succeeded', actor: 'corp:mia', details: { provider: 'corp' } }]);
  await world.slapd.remove('cn=platform-admins', world.slapd.groupBase);
  await world.confirm();
  expect(await world.groupsOf('corp:mia')).toEqual([]);
  await world.slapd.remove('uid=mia', world.slapd.userBase);
  await world.confirm();
  expect(await world.signedIn()).toEqual([]);
});

test('a name that is not there and a wrong password are answered alike, in the same time, and audited without the name', async () => {
  await using world = await company();
  const timed = async (name: string): Promise<{ readonly ms: number; readonly body: unknown }> => {
    const began = performance.now();
    const answer = await world.post(name, 'wrong one');
    expect(answer.status).toBe(401);
    const { requestId: _, ...body } = (await answer.json()) as { readonly requestId: string };
    return { ms: performance.now() - began, body };
  };
  const [there, nobody] = [await timed('mia'), await timed('nobody')];
  expect(there.body).toEqual(nobody.body);
  expect(Math.min(there.ms, nobody.ms)).toBeGreaterThanOrEqual(990);
  expect(world.events).toMatchObject([{ details: { provider: 'corp' } }, { details: { code: 'SignInFailed' } }]);
  expect(JSON.stringify(world.events)).not.toMatch(/mia|nobody|wrong one/);
});

test('P-01-12 an address with 20 wrong passwords is banned, even with a right one', async () => {
  await using world = await company();
  const names = Array.from({ length: 21 }, (_, number) => `stranger-${number}`);
  const wrong = await Promise.all(names.map(async (name) => (await world.post(name, 'wrong one')).status));
  expect(new Set(wrong)).toEqual(new Set([401]));
  expect((await world.post('mia', 'right one')).status).toBe(429);
});

test('P-01-12 of one name the directory hears of four passwords, so nobody locks out a colleague there; others go on', async () => {
  await using world = await company();
  const wrong = await Promise.all(Array.from({ length: 9 }, async () => (await world.post('mia', 'wrong one')).status));
  expect(wrong.toSorted()).toEqual([401, 401, 401, 401, 429, 429, 429, 429, 429]);
  expect((await world.post('mia', 'right one')).status).toBe(429);
  expect((await world.post('stranger', 'wrong one')).status).toBe(401);
});

test('what is no name, no password or no path of this site is refused before the directory is asked', async () => {
  await using world = await company();
  const answers = [
    await world.post('', 'x'),
    await world.post('mia', ''),
    await world.post('mia', 'right one', '//evil.example'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  expect(world.events).toEqual([]);
});
