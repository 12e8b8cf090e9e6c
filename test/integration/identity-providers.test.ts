// Several identity providers at once, each a real one: nobody of one is taken for somebody of another.
import { expect, inject, test } from 'vitest';
import { sha256 } from '../../stream-gateway/auth/secrets.ts';
import { requireFresh } from '../../stream-gateway/auth/sign-in/attempt.ts';
import { createApiKey, findKeyOwner } from '../../stream-gateway/store/api-keys.ts';
import { savePerson } from '../../stream-gateway/store/people.ts';
import { createSignIn, provenWithin } from '../../stream-gateway/store/sign-ins.ts';
import { identityServer } from '../support/identity-server.ts';
import { oidcSpec, providersWorld } from '../support/providers-world.ts';

const servers = inject('servers');
const json = { headers: { accept: 'application/json' } };

async function twoProviders(more: object = {}) {
  const stack = new AsyncDisposableStack();
  const own = stack.use(await identityServer({ mia: ['platform-admins', 'web'], max: ['web'] }));
  const partner = stack.use(await identityServer({ mia: ['platform-admins', 'desktop-users'], max: [] }));
  const world = stack.use(await providersWorld(servers, own));
  const mapping = { groupMappings: [{ from: 'desktop-users', to: 'guests' }] };
  world.put('partners', oidcSpec(partner, world, 'partners', { ...mapping, ...more }));
  return { own, partner, ...world, [Symbol.asyncDispose]: async () => await stack[Symbol.asyncDispose]() };
}

test('people of the same name at two providers are two people, and no provider gives the groups of another', async () => {
  await using world = await twoProviders();
  expect([await world.signIn('settings', 'mia'), await world.signIn('partners', 'mia')]).toEqual([303, 303]);
  expect(await world.signedIn()).toEqual(['mia', 'partners:mia']);
  expect(await world.groupsOf('mia')).toEqual(['platform-admins', 'web']);
  expect(await world.groupsOf('partners:mia')).toEqual(['guests', 'partners:platform-admins']);
  expect(world.events).toMatchObject([
    { type: 'signin.succeeded', actor: 'mia', details: { provider: 'settings' } },
    { type: 'signin.succeeded', actor: 'partners:mia', details: { provider: 'partners' } },
  ]);
});

test('P-01-10 an answer of one provider that is brought to the callback of another is refused and audited', async () => {
  await using world = await twoProviders();
  const visitor = world.visitor();
  const callback = new URL(await visitor.untilCallback('mia', '/', 'partners'));
  expect(callback.pathname).toBe('/auth/callback/partners');
  callback.pathname = '/auth/callback';
  expect((await visitor.open(callback.href, json)).status).toBe(401);
  expect(world.events).toMatchObject([{ type: 'signin.failed', details: { code: 'SignInFailed', provider: 'settings' } }]);
  expect(await world.signedIn()).toEqual([]);
  expect((await visitor.open('/auth/callback/nowhere?state=x', json)).status).toBe(404);
});

test('P-01-6 a group that is lost at a provider beside that of the settings is lost here', async () => {
  await using world = await twoProviders();
  await world.signIn('partners', 'mia');
  await world.signIn('settings', 'mia');
  const [mia] = world.partner.people;
  if (mia !== undefined) world.partner.people[0] = { ...mia, groups: ['platform-admins'] };
  await world.confirm();
  expect(await world.groupsOf('partners:mia')).toEqual(['partners:platform-admins']);
  expect(await world.groupsOf('mia')).toEqual(['platform-admins', 'web']);
  world.partner.people.splice(0, 1);
  await world.confirm();
  expect(await world.signedIn()).toEqual(['mia']);
});

test('which ways are offered follows from the host name, and one that is alone is taken at once', async () => {
  await using world = await twoProviders({ hostnames: ['partners.example.com'] });
  const offered = async (query: string): Promise<unknown> => {
    const { items } = (await (await world.visitor().open(`/auth/providers${query}`)).json()) as { items: { name: string }[] };
    return items.map(({ name }) => name);
  };
  expect(await offered('')).toEqual(['settings']);
  expect(await offered('?host=partners.example.com')).toEqual(['partners']);
  world.put('others', oidcSpec(world.partner, world, 'others'));
  expect(await offered('')).toEqual(['settings', 'others']);
  const away = await world.visitor().open('/auth/sign-in?returnTo=/catalog');
  expect(away.headers.get('location')).toBe(`${world.url}/sign-in?returnTo=%2Fcatalog&host=127.0.0.1`);
  world.drop('others');
  expect((await world.visitor().open('/auth/sign-in')).headers.get('location')).toContain(world.own.url);
});

test('who is not known is refused where nobody new may come, unless a Team names him', async () => {
  await using world = await twoProviders({ justInTime: false });
  expect(await world.signIn('partners', 'max')).toBe(403);
  expect(world.events.at(-1)).toMatchObject({
    type: 'signin.failed',
    details: { code: 'SignInForbidden', provider: 'partners' },
  });
  // He of the same name whom the settings' provider knows does not open the door.
  await world.signIn('settings', 'max');
  expect(await world.signIn('partners', 'max')).toBe(403);
  world.named.add('partners:max');
  expect(await world.signIn('partners', 'max')).toBe(303);
});

test('only people with an address in an allowed domain sign in', async () => {
  await using world = await twoProviders({ allowedDomains: ['else.example'] });
  expect(await world.signIn('partners', 'mia')).toBe(403);
  world.put('partners', oidcSpec(world.partner, world, 'partners', { allowedDomains: ['partner.example'] }));
  expect(await world.signIn('partners', 'mia')).toBe(303);
});

test('P-01-6 who could not sign in any more, for his address, is signed out when the provider is asked again', async () => {
  await using world = await twoProviders();
  // Once: the provider begins anew with it, and would know no sign-in any more.
  const spec = oidcSpec(world.partner, world, 'partners') as object;
  world.put('partners', { ...spec, allowedDomains: ['partner.example'] });
  await world.signIn('partners', 'mia');
  await world.confirm();
  expect(await world.signedIn()).toEqual(['partners:mia']);
  world.put('partners', { ...spec, allowedDomains: ['else.example'] });
  await world.confirm();
  expect(await world.signedIn()).toEqual([]);
  expect(world.events.at(-1)).toMatchObject({ type: 'signin.lapsed', object: 'Person/partners:mia' });
});

test('a name that another account has had is not given to the next one', async () => {
  await using world = await twoProviders();
  await world.signIn('partners', 'mia');
  await world.db.query("update people set subject = 'who left last year' where name = 'partners:mia'");
  expect(await world.signIn('partners', 'mia')).toBe(403);
});

test('with its provider a person is gone: the sign-in ends, and keys do not count; nobody else is hit', async () => {
  await using world = await twoProviders();
  await world.signIn('partners', 'mia');
  await world.signIn('settings', 'mia');
  const expiresAt = new Date(Date.now() + 60_000);
  const [theirs, ours] = await Promise.all(
    ['partners:mia', 'mia'].map((owner) => createApiKey(world.db, { owner, name: 'ci', expiresAt })),
  );
  const past = { name: 'break-glass:ops', displayName: 'past every provider', groups: [] };
  await savePerson(world.db, past, { issuer: 'break-glass', subject: 'ops' });
  const limits = { idleMs: 60_000, absoluteMs: 60_000 };
  await createSignIn(world.db, { person: past.name, secretHash: sha256('of the browser') }, limits);
  await world.endOrphans();
  expect(await world.signedIn()).toEqual([past.name, 'mia', 'partners:mia']);
  world.drop('partners');
  await world.endOrphans();
  expect(await world.signedIn()).toEqual([past.name, 'mia']);
  expect(await findKeyOwner(world.db, theirs?.key ?? '')).toBeUndefined();
  expect(await findKeyOwner(world.db, ours?.key ?? '')).toBeDefined();
  expect(world.events.at(-1)).toMatchObject({ type: 'signin.lapsed', object: 'Person/partners:mia' });
});

test('a fresh sign-in makes an OpenID provider ask for the password again, and what counts is when it did', async () => {
  await using world = await twoProviders();
  const visitor = world.visitor();
  const asked = async (more: Readonly<Record<string, string>>): Promise<URL> => {
    const begun = await visitor.open(`/auth/sign-in?${new URLSearchParams({ provider: 'partners', ...more }).toString()}`);
    return new URL(begun.headers.get('location') ?? '');
  };
  expect((await asked({})).searchParams.has('prompt')).toBe(false);
  expect(Object.fromEntries((await asked({ fresh: '1' })).searchParams)).toMatchObject({ prompt: 'login', max_age: '0' });
  await world.signIn('partners', 'mia', visitor);
  await world.db.query("update sign_ins set authenticated_at = now() - interval '1 hour'");
  const proven = async (): Promise<boolean> => {
    const [row] = await world.db.query<{ id: string }>('select id from sign_ins');
    return await provenWithin(world.db, `sign-in:${row?.id}`, 900_000, 'sign-in');
  };
  expect(await proven()).toBe(false);
  // Signed in there, it would lead back without a word: now its form comes, and is filled in.
  const back = await visitor.untilCallback('mia', '/', undefined, { fresh: '1' });
  expect(new URL(back).pathname).toBe('/auth/callback/partners');
  expect((await visitor.open(back)).status).toBe(303);
  expect(await proven()).toBe(true);
});

test('an OpenID provider that does not ask again, or does not say when it did, is not believed', () => {
  const begunAt = new Date('2026-06-01T10:00:00Z');
  const said = (authenticatedAt?: string) => ({
    atProvider: { authenticatedAt: authenticatedAt === undefined ? undefined : new Date(authenticatedAt) },
  });
  const check =
    (at: string | undefined, fresh = true) =>
    () =>
      requireFresh({ fresh, begunAt }, said(at));
  expect(check('2026-06-01T10:00:20Z')).not.toThrow();
  // Clocks differ.
  expect(check('2026-06-01T09:59:30Z')).not.toThrow();
  expect(check('2026-06-01T09:58:30Z')).toThrow('without asking');
  expect(check(undefined)).toThrow('does not say when');
  expect(check(undefined, false)).not.toThrow();
});

test('a Secret that was made for something else is never sent to a provider, and an object elsewhere is no provider', async () => {
  await using world = await twoProviders();
  const secret = world.secrets.get('client');
  if (secret !== undefined) world.secrets.set('client', { ...secret, type: 'Opaque' });
  const answer = await world.visitor().open('/auth/sign-in?provider=partners', json);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'ProviderSecretMissing']);
  world.put('partners', oidcSpec(world.partner, world, 'partners'), 'team-web');
  expect((await world.visitor().open('/auth/sign-in?provider=partners', json)).status).toBe(404);
});
