// The identity provider ends a session: the sign-ins that came from it end, by the real provider and by nobody else.
import { randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { expect, inject, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import { CredentialWatch } from '../../stream-gateway/auth/keys/credential-watch.ts';
import { liveCredentials } from '../../stream-gateway/store/credentials.ts';
import { listSignIns } from '../../stream-gateway/store/own-sign-ins.ts';
import { lockPerson } from '../../stream-gateway/store/person-locks.ts';
import { IDENTITY_CLIENT, IDENTITY_KEY, type IdentityWorld, identityWorld } from '../support/identity-world.ts';
import { NO_MACHINES } from '../support/no-machines.ts';
import type { Visitor } from '../support/visitor.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');

const countOf = async ({ db }: IdentityWorld, name: string): Promise<number> => (await listSignIns(db, name)).length;

/** What the browser does at the provider when somebody signs out there: the page sends itself. */
async function signOutAtProvider(world: IdentityWorld, visitor: Visitor): Promise<void> {
  const page = await (await visitor.open(`${world.issuer}/session/end`)).text();
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const answer = await visitor.open(action, { form: { xsrf, logout: 'yes' } });
  expect(answer.status).toBeLessThan(400);
}

async function sidOf({ db }: IdentityWorld, name: string): Promise<string> {
  const rows = await db.query<{ readonly sid: string | null }>('select sid from sign_ins where person = $1 order by created_at', [
    name,
  ]);
  return rows[0]?.sid ?? '';
}

function tokenOf(world: IdentityWorld, claims: JWTPayload): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  return new SignJWT({
    ...{ iss: world.issuer, aud: IDENTITY_CLIENT.id, iat: seconds, exp: seconds + 120, jti: randomUUID() },
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'logout+jwt' })
    .sign(IDENTITY_KEY);
}

async function send(world: IdentityWorld, logoutToken: string): Promise<{ readonly status: number; readonly text: string }> {
  const body = new URLSearchParams({ logout_token: logoutToken });
  const response = await fetch(`${world.gatewayUrl}/auth/backchannel-logout`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}

test('who signs out at the provider is signed out here, in that browser alone; what lived on the sign-in ends within 5 s', async () => {
  await using world = await identityWorld(servers, ['mia', 'max']);
  const [laptop, phone, other] = [world.visitor(), world.visitor(), world.visitor()];
  for (const [visitor, name] of [
    [laptop, 'mia'],
    [phone, 'mia'],
    [other, 'max'],
  ] as const)
    expect((await world.signIn(visitor, name)).status).toBe(303);
  const before = await listSignIns(world.db, 'mia');
  const watch = new CredentialWatch({
    live: (list) => liveCredentials({ db: world.db, machines: NO_MACHINES, now: () => new Date() }, list),
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  const stop = new AbortController();
  const looking = watch.loop(stop.signal);
  const person = { name: 'mia', displayName: 'mia', groups: [] };
  const leases = before.map(({ id }) => watch.watch(`sign-in:${id}`, person));
  await signOutAtProvider(world, laptop);
  await eventually('one of the two has ended', async () => (await countOf(world, 'mia')) === 1, { timeoutMs: 5_000 });
  await eventually('its stream has ended', async () => leases.filter(({ signal }) => signal.aborted).length === 1, {
    timeoutMs: 5_000,
  });
  expect(await countOf(world, 'max')).toBe(1);
  expect(world.events.at(-1)).toMatchObject({ type: 'signin.logged-out', object: 'Person/mia', details: { ended: 1 } });
  stop.abort();
  await looking;
});

test('a token ends the sign-ins of a session, or of an account, and counts once; what it names in vain is no mistake', async () => {
  await using world = await identityWorld(servers, ['mia', 'max']);
  for (const name of ['mia', 'mia', 'max']) await world.signIn(world.visitor(), name);
  const sid = await sidOf(world, 'mia');
  expect(sid).not.toBe('');
  // A session of one is not ended in the name of another.
  expect((await send(world, await tokenOf(world, { sub: 'max', sid }))).status).toBe(200);
  expect([await countOf(world, 'mia'), await countOf(world, 'max')]).toEqual([2, 1]);
  expect((await send(world, await tokenOf(world, { sid }))).status).toBe(200);
  expect(await countOf(world, 'mia')).toBe(1);
  const whole = await tokenOf(world, { sub: 'mia' });
  expect(await send(world, whole)).toEqual({ status: 200, text: '' });
  expect([await countOf(world, 'mia'), await countOf(world, 'max')]).toEqual([0, 1]);
  await world.signIn(world.visitor(), 'mia');
  const again = await send(world, whole);
  expect([again.status, again.text.includes('LogoutTokenInvalid'), await countOf(world, 'mia')]).toEqual([400, true, 1]);
  expect(world.events.at(-1)).toMatchObject({ type: 'signin.logout-refused', result: 'refused', actor: null });
});

test('P-01-10 hostile tokens end nothing, and each is audited', async () => {
  await using world = await identityWorld(servers, ['mia']);
  await world.signIn(world.visitor(), 'mia');
  const hostile = [
    '',
    'a.b.c',
    await tokenOf(world, { sub: 'mia', nonce: 'n' }),
    await tokenOf(world, { sub: 'mia', aud: 'somebody-else' }),
    await tokenOf(world, { sub: 'mia', iss: 'https://evil.example' }),
    await tokenOf(world, { sub: 'mia', events: {} }),
    await tokenOf(world, {}),
  ];
  for (const token of hostile) expect((await send(world, token)).status).toBe(400);
  expect(world.events.filter(({ type }) => type === 'signin.logout-refused')).toHaveLength(hostile.length);
  const flood = await send(world, 'x'.repeat(20_000));
  expect(flood.status).toBe(413);
  expect(await countOf(world, 'mia')).toBe(1);
});

test('who is locked cannot sign in, under another name of his account neither; it is audited with the name', async () => {
  await using world = await identityWorld(servers, ['mia', 'max']);
  expect((await world.signIn(world.visitor(), 'mia')).status).toBe(303);
  await lockPerson(world.db, 'mia', { by: 'admin', reason: 'left' });
  const refused = await world.signIn(world.visitor(), 'mia');
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'PersonLocked' }]);
  expect(world.events.at(-1)).toMatchObject({ type: 'signin.failed', result: 'refused', object: 'Person/mia' });
  // The provider calls the account otherwise from now on.
  await world.db.query("update person_locks set name = 'mia-before'");
  expect((await world.signIn(world.visitor(), 'mia')).status).toBe(401);
  expect((await world.signIn(world.visitor(), 'max')).status).toBe(303);
});
