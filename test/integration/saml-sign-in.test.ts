// Signing in and out at a real SAML provider: what a browser goes through, and what another browser, page or provider cannot do.
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { deriveSecret, sha256 } from '../../stream-gateway/auth/secrets.ts';
import { endSamlSignIns } from '../../stream-gateway/store/own-sign-ins.ts';
import { savePerson } from '../../stream-gateway/store/people.ts';
import { provenWithin } from '../../stream-gateway/store/sign-ins.ts';
import { findWaiting, saveWaiting } from '../../stream-gateway/store/waiting-sign-ins.ts';
import { openBrowser } from '../support/browser.ts';
import { type IdentityServer, identityServer } from '../support/identity-server.ts';
import { type ProvidersWorld, providersWorld } from '../support/providers-world.ts';
import { formIn, type SamlIdp, startSamlIdp } from '../support/saml-idp.ts';
import { formOfProvider, samlSpec, sendForm, signInBySaml } from '../support/saml-visit.ts';

const servers = inject('servers');
const MIA = {
  nameId: 'mia',
  attributes: { displayName: ['Mia M'], mail: ['mia@partner.example'], groups: ['web', 'desktop-users'] },
};

let idp: SamlIdp;
let other: SamlIdp;
let own: IdentityServer;

beforeAll(async () => {
  [idp, other, own] = await Promise.all([startSamlIdp(), startSamlIdp('other'), identityServer({ mia: ['platform-admins'] })]);
});
afterAll(async () => {
  for (const each of [idp, other, own]) await each?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  for (const each of [idp, other]) {
    await each.is(MIA);
    await each.says({});
  }
});

/** With the providers `partners` and `others`, which know it by its metadata. */
async function twoProviders(more: object = {}): Promise<ProvidersWorld> {
  const world = await providersWorld(servers, own);
  world.put('partners', samlSpec(idp, {}, { groupMappings: [{ from: 'desktop-users', to: 'guests' }], ...more }));
  world.put('others', samlSpec(other));
  for (const [name, each] of [
    ['partners', idp],
    ['others', other],
  ] as const)
    await each.trust(await (await fetch(`${world.url}/auth/saml/${name}/metadata`)).text());
  return world;
}

const codeOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { readonly code?: string }).code;

test('who signs in at a SAML provider is his own, with its groups, and goes on where he came from', async () => {
  await using world = await twoProviders();
  const [visitor, another] = [world.visitor(), world.visitor()];
  const answer = await signInBySaml(visitor, 'partners');
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/catalog']);
  expect((await signInBySaml(another, 'others')).status).toBe(303);
  expect(await world.signedIn()).toEqual(['others:mia', 'partners:mia']);
  expect(await world.groupsOf('partners:mia')).toEqual(['guests', 'partners:web']);
  expect(await world.groupsOf('others:mia')).toEqual(['others:desktop-users', 'others:web']);
  expect(world.events).toMatchObject([
    { type: 'signin.succeeded', actor: 'partners:mia', details: { provider: 'partners' } },
    { type: 'signin.succeeded', actor: 'others:mia', details: { provider: 'others' } },
  ]);
  expect(await (await world.visitor().open('/auth/providers')).json()).toMatchObject({
    items: [{ name: 'settings' }, { name: 'partners', type: 'SAML' }, { name: 'others', type: 'SAML' }],
  });
});

test('a real browser gets through, though the page of the provider is on another site', async () => {
  await using world = await twoProviders();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const arrived = page.waitForURL(`${world.url}/catalog`, { waitUntil: 'commit' });
    await page.goto(`${world.url}/auth/sign-in?provider=partners&returnTo=/catalog`, { waitUntil: 'commit' });
    await arrived;
    expect(await world.signedIn()).toEqual(['partners:mia']);
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ name: 'streamspace_session', sameSite: 'Lax', httpOnly: true }]);
  } finally {
    await browser.close();
  }
});

test('P-01-10 an answer counts once, in the browser that asked, at the provider that was asked; each refusal is one event', async () => {
  await using world = await twoProviders();
  const [visitor, attacker] = [world.visitor(), world.visitor()];
  const form = await formOfProvider(visitor, 'partners');
  // Nobody asked for it: no state, that of another provider, or one that was made up.
  const { SAMLResponse = '' } = form.fields;
  expect(await codeOf(await sendForm({ ...form, fields: { SAMLResponse } }))).toBe('SamlResponseInvalid');
  const elsewhere = form.action.replace('/partners/', '/others/');
  expect(await codeOf(await sendForm({ ...form, action: elsewhere }))).toBe('SamlResponseInvalid');
  await sendForm({ ...form, fields: { SAMLResponse, RelayState: 'partners.made-up' } });
  // Brought to the sign-in of another browser.
  const theirs = await formOfProvider(attacker, 'partners');
  await sendForm({ ...theirs, fields: { ...theirs.fields, SAMLResponse } });
  expect(world.events.map(({ details }) => details?.['why'])).toEqual([
    'unsolicited',
    'unsolicited',
    'unsolicited',
    'other-request',
  ]);
  // Verified, but fetched by another browser: it has not begun this.
  const finish = (await sendForm(form)).headers.get('location') ?? '';
  expect(finish).toContain(`${world.url}/auth/saml/partners/finish?state=partners.`);
  expect(await codeOf(await attacker.open(finish, { headers: { accept: 'application/json' } }))).toBe('SignInFailed');
  expect(await world.signedIn()).toEqual([]);
  // Once more before it was fetched, and after.
  expect(await codeOf(await sendForm(form))).toBe('SamlResponseInvalid');
  expect((await visitor.open(finish)).status).toBe(303);
  expect((await visitor.open(finish, { headers: { accept: 'application/json' } })).status).toBe(401);
  expect(await world.signedIn()).toEqual(['partners:mia']);
  const types = world.events.map(({ type }) => type);
  expect(types.filter((type) => type === 'signin.failed')).toHaveLength(types.length - 1);
  expect(types).toHaveLength(8);
});

test('P-01-10 an assertion that was used is refused in every replica, also where the sign-in still waits', async () => {
  await using world = await twoProviders();
  const form = await formOfProvider(world.visitor(), 'partners');
  expect((await sendForm(form)).status).toBe(303);
  await world.db.query('update pending_sign_ins set answer = null');
  expect(await codeOf(await sendForm(form))).toBe('SamlResponseInvalid');
  expect(world.events).toMatchObject([{ type: 'signin.failed', details: { why: 'replayed', provider: 'partners' } }]);
});

test('P-01-10 what is too large or no form is refused before it is read, as one event', async () => {
  await using world = await twoProviders();
  const form = await formOfProvider(world.visitor(), 'partners');
  const large = await sendForm({ ...form, fields: { ...form.fields, SAMLResponse: 'A'.repeat(600_000) } });
  expect(await codeOf(large)).toBe('RequestTooLarge');
  expect(world.events).toMatchObject([{ type: 'signin.failed', details: { code: 'RequestTooLarge', provider: 'partners' } }]);
  expect((await fetch(`${world.url}/auth/saml/nowhere/metadata`)).status).toBe(404);
  expect((await fetch(`${world.url}/auth/saml/settings/metadata`)).status).toBe(404);
});

test('who is not known, or has no address in an allowed domain, is refused as at any provider', async () => {
  await using world = await twoProviders({ justInTime: false });
  expect(await codeOf(await signInBySaml(world.visitor(), 'partners'))).toBe('SignInForbidden');
  world.named.add('partners:mia');
  expect((await signInBySaml(world.visitor(), 'partners')).status).toBe(303);
  world.put('partners', samlSpec(idp, {}, { allowedDomains: ['else.example'] }));
  expect(await codeOf(await signInBySaml(world.visitor(), 'partners'))).toBe('SignInForbidden');
  await other.is({ ...MIA, nameId: 'mi:a' });
  expect(await codeOf(await signInBySaml(world.visitor(), 'others'))).toBe('SignInFailed');
});

test('P-01-10 after a change of certificates the old key signs nobody in', async () => {
  await using world = await twoProviders();
  const next = await idp.otherKey();
  world.put('partners', samlSpec(idp, { certificates: [idp.certificate, next.pem] }));
  expect((await signInBySaml(world.visitor(), 'partners')).status).toBe(303);
  world.put('partners', samlSpec(idp, { certificates: [next.pem] }));
  expect(await codeOf(await signInBySaml(world.visitor(), 'partners'))).toBe('SamlResponseInvalid');
  expect(world.events.at(-1)).toMatchObject({ type: 'signin.failed', details: { why: 'signature' } });
  await idp.says({ key: next.key, certificate: next.certificate });
  expect((await signInBySaml(world.visitor(), 'partners')).status).toBe(303);
});

test('a sign-in ends no later than the session at the provider', async () => {
  await using world = await twoProviders();
  await idp.says({ sessionEnds: 600 });
  await signInBySaml(world.visitor(), 'partners');
  const [row] = await world.db.query<{ soon: boolean }>(
    `select expires_at <= now() + interval '601 seconds' as soon from sign_ins`,
  );
  expect(row?.soon).toBe(true);
});

test.each(['redirect', 'post'] as const)(
  'P-01-10 a logout of the provider by %s ends what it names, once, and nothing where it is not signed',
  async (binding) => {
    await using world = await twoProviders();
    await signInBySaml(world.visitor(), 'partners');
    await signInBySaml(world.visitor(), 'partners');
    await signInBySaml(world.visitor(), 'others');
    const serviceProvider = `${world.url}/auth/saml/partners/metadata`;
    const order = { nameId: 'mia', binding, destination: `${world.url}/auth/saml/partners/logout`, serviceProvider };
    // To the address of logouts, whatever the message says.
    const send = async ({ url, html = '' }: { readonly url?: string; readonly html?: string }): Promise<Response> => {
      if (url !== undefined)
        return await fetch(url.replace('/acs?', '/logout?'), { redirect: 'manual', headers: { accept: 'application/json' } });
      const form = formIn(html);
      return await sendForm({ ...form, action: order.destination });
    };
    const refusedFor = async (made: { readonly url?: string; readonly html?: string }): Promise<unknown> => {
      expect(await codeOf(await send(made))).toBe('SamlLogoutInvalid');
      return world.events.at(-1)?.details?.['why'];
    };
    expect(await refusedFor(await idp.logout({ ...order, signed: false }))).toBe('unsigned');
    const elsewhere = order.destination.replace('/logout', '/acs');
    expect(await refusedFor(await idp.logout({ ...order, destination: elsewhere }))).toBe('destination');
    expect(await world.signedIn()).toEqual(['others:mia', 'partners:mia', 'partners:mia']);
    // One session of two.
    const [session] = await world.db.query<{ at: string }>(
      `select saml_session->>'sessionIndex' as at from sign_ins where person = 'partners:mia' limit 1`,
    );
    await send(await idp.logout({ ...order, sessions: [session?.at ?? ''] }));
    expect(await world.signedIn()).toEqual(['others:mia', 'partners:mia']);
    const made = await idp.logout(order);
    const answered = await send(made);
    expect(await world.signedIn()).toEqual(['others:mia']);
    expect(world.events.at(-1)).toMatchObject({
      type: 'signin.logged-out',
      object: 'Person/partners:mia',
      details: { ended: 1, provider: 'partners' },
    });
    // The provider gets its answer, by the browser.
    await fetch(answered.headers.get('location') ?? '');
    expect((await idp.seen()).at(-1)).toMatchObject({ loggedOut: 'from the provider' });
    expect(await refusedFor(made)).toBe('replayed');
    expect(world.events.at(-1)?.type).toBe('signin.logout-refused');
  },
);

test('P-01-10 a logout signed with another key, or changed on its way, ends nothing', async () => {
  await using world = await twoProviders();
  await signInBySaml(world.visitor(), 'partners');
  const serviceProvider = `${world.url}/auth/saml/partners/metadata`;
  const order = {
    nameId: 'mia',
    binding: 'redirect',
    destination: `${world.url}/auth/saml/partners/logout`,
    serviceProvider,
  } as const;
  const { url = '' } = await idp.logout(order);
  const wanted = { headers: { accept: 'application/json' } };
  const whyOf = async (address: string): Promise<unknown> => {
    await fetch(address, wanted);
    return world.events.at(-1)?.details?.['why'];
  };
  expect(await whyOf(url.replace('RelayState=', 'RelayState=x'))).toBe('signature');
  expect(await whyOf(`${url}&SAMLRequest=x`)).toBe('malformed');
  expect(await whyOf(url.replace('rsa-sha256', 'rsa-sha1'))).toBe('algorithm');
  expect(await whyOf(url.replace(/&Signature=[^&]*/, ''))).toBe('unsigned');
  const { key, certificate } = await idp.otherKey();
  await idp.says({ key, certificate });
  expect(await whyOf((await idp.logout(order)).url ?? '')).toBe('signature');
  expect(await world.signedIn()).toEqual(['partners:mia']);
});

test('who signs out here is signed out at the provider, with the session that it knows', async () => {
  await using world = await twoProviders();
  const visitor = world.visitor();
  await signInBySaml(visitor, 'partners');
  const [row] = await world.db.query<{ at: string }>(`select saml_session->>'sessionIndex' as at from sign_ins`);
  const csrfToken = deriveSecret(visitor.cookie('streamspace_session') ?? '', 'csrf');
  const out = await visitor.open('/auth/sign-out', { form: { csrfToken }, headers: { accept: 'application/json' } });
  const { location } = (await out.json()) as { readonly location: string };
  expect((await fetch(location)).status).toBe(200);
  expect((await idp.seen()).at(-1)).toEqual({ logout: 'mia', sessions: [row?.at] });
  expect(await world.signedIn()).toEqual([]);
  const back = await fetch(`${world.url}/auth/saml/partners/logout?SAMLResponse=x`, { redirect: 'manual' });
  expect(back.headers.get('location')).toBe(`${world.url}/`);
});

test('a fresh sign-in makes the provider ask again, and one that did not is refused', async () => {
  await using world = await twoProviders();
  await idp.is(MIA, 3_600);
  const visitor = world.visitor();
  expect((await signInBySaml(visitor, 'partners')).status).toBe(303);
  const proven = async (): Promise<boolean> => {
    const [row] = await world.db.query<{ id: string }>('select id from sign_ins');
    return await provenWithin(world.db, `sign-in:${row?.id}`, 900_000, 'sign-in');
  };
  // Young, but nobody has shown anything for an hour.
  expect(await proven()).toBe(false);
  await idp.says({ ignoresForce: true });
  expect(await codeOf(await signInBySaml(visitor, 'partners', '&fresh=1'))).toBe('ReauthenticationMissing');
  await idp.says({});
  expect((await signInBySaml(visitor, 'partners', '&fresh=1')).status).toBe(303);
  expect((await idp.seen()).at(-1)).toMatchObject({ forceAuthn: 'true' });
  expect(await proven()).toBe(true);
});

test('a logout also ends what waits for a second factor', async () => {
  await using world = await twoProviders();
  const person = { name: 'partners:mia', displayName: 'Mia', groups: [] };
  await savePerson(world.db, person, { issuer: `saml:${idp.entityId}`, subject: 'mia' });
  const atProvider = { authenticatedAt: new Date(), endsAt: new Date(), saml: { nameId: 'mia', sessionIndex: 'one' } };
  const secretHash = sha256('of the browser');
  const wait = { person: person.name, secretHash, refreshToken: undefined, userAgent: undefined, returnTo: '/', atProvider };
  await saveWaiting(world.db, wait, 60_000);
  expect(await findWaiting(world.db, secretHash)).toMatchObject({ atProvider });
  await endSamlSignIns(world.db, { provider: 'partners', nameId: 'mia', sessions: ['another'] });
  expect(await findWaiting(world.db, secretHash)).toBeDefined();
  await endSamlSignIns(world.db, { provider: 'partners', nameId: 'mia', sessions: ['one'] });
  expect(await findWaiting(world.db, secretHash)).toBeUndefined();
});

test('with its provider a person is gone', async () => {
  await using world = await twoProviders();
  await signInBySaml(world.visitor(), 'partners');
  await signInBySaml(world.visitor(), 'others');
  world.drop('partners');
  await world.endOrphans();
  expect(await world.signedIn()).toEqual(['others:mia']);
});
