// Second factors with a real identity provider and database: asked at sign-in, asked again, and never by way of a key.
import { TOTP } from 'otpauth';
import { expect, inject, test } from 'vitest';
import { type FactorWorld, factorWorld, type Person } from '../support/factor-world.ts';

const servers = inject('servers');
const SYSTEM = 'streamspace';
const WAITS = '/second-factor';
const text = (value: unknown): string => (typeof value === 'string' ? value : expect.unreachable(`${value} is no text`));

const codeOf = (world: FactorWorld, secret: string): string => new TOTP({ secret }).generate({ timestamp: world.nowMs() });

/** @returns the secret, one time step after its first code was used */
async function enrolTotp(world: FactorWorld, person: Person): Promise<string> {
  const begun = await person.call('POST', '/me/factors/totp');
  expect(begun.status).toBe(201);
  const secret = text(begun.body['secret']);
  expect((await person.call('PUT', '/me/factors/totp', { code: codeOf(world, secret) })).status).toBe(200);
  world.later(30_000);
  return secret;
}

const typesOf = ({ events }: FactorWorld): readonly string[] => events.map(({ type, result }) => `${type} ${result}`);

test('who has enrolled one-time codes signs in with them: until then he is nobody, and each code counts once', async () => {
  await using world = await factorWorld(servers);
  const mia = world.browserOf('mia');
  expect(await mia.signIn()).toBe('/catalog');
  const secret = await enrolTotp(world, mia);

  const again = world.browserOf('mia');
  expect(await again.signIn()).toBe(WAITS);
  expect(again.visitor.cookie('streamspace_session')).toBeUndefined();
  for (const path of ['/me/factors', '/me/api-keys']) expect((await again.call('GET', path)).status).toBe(401);
  expect((await again.call('POST', '/me/api-keys', { name: 'k' })).status).toBe(401);
  expect((await again.call('GET', '/second-factor')).body).toMatchObject({ waiting: true, methods: ['Totp'], enrol: [] });
  const code = codeOf(world, secret);
  const wrong = await again.call('POST', '/second-factor', { method: 'Totp', code: code === '000000' ? '000001' : '000000' });
  expect(wrong).toMatchObject({ status: 403, body: { code: 'SecondFactorInvalid' } });
  const done = await again.call('POST', '/second-factor', { method: 'Totp', code });
  expect(done).toMatchObject({ status: 200, body: { returnTo: '/catalog' } });
  expect((await again.call('GET', '/me/factors')).body).toMatchObject({ totp: { lastUsedAt: expect.any(String) } });

  const third = world.browserOf('mia');
  await third.signIn();
  expect((await third.call('POST', '/second-factor', { method: 'Totp', code })).body).toMatchObject({
    code: 'SecondFactorInvalid',
  });
  expect(typesOf(world)).toEqual([
    ...['signin.succeeded success', 'factor.enrolled success', 'signin.waiting success'],
    ...['factor.failed refused', 'signin.succeeded success', 'signin.waiting success', 'factor.failed refused'],
  ]);
});

test('where a policy requires one, who has none enrols it first; a recovery code lets in once', async () => {
  await using world = await factorWorld(servers);
  world.policy(SYSTEM, { secondFactor: 'Required' });
  const mia = world.browserOf('mia');
  expect(await mia.signIn()).toBe(WAITS);
  expect((await mia.call('GET', '/second-factor')).body).toMatchObject({ methods: [], enrol: ['Passkey', 'Totp'] });
  expect((await mia.call('POST', '/me/factors/passkey-options')).body).toMatchObject({
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await enrolTotp(world, mia);
  expect(mia.visitor.cookie('streamspace_session')).toBeDefined();
  const { codes } = (await mia.call('POST', '/me/factors/recovery-codes')).body as { codes: readonly string[] };
  expect(codes).toHaveLength(10);

  const proof = { method: 'RecoveryCode', code: codes[3]?.toUpperCase() };
  for (const [status, left] of [
    [200, 9],
    [403, 9],
  ] as const) {
    const lost = world.browserOf('mia');
    expect(await lost.signIn()).toBe(WAITS);
    expect((await lost.call('POST', '/second-factor', proof)).status).toBe(status);
    expect(await world.db.query('select 1 as one from recovery_codes')).toHaveLength(left);
  }
  await mia.call('POST', '/me/factors/recovery-codes');
  const other = world.browserOf('mia');
  await other.signIn();
  expect((await other.call('POST', '/second-factor', { method: 'RecoveryCode', code: codes[0] })).status).toBe(403);
});

test('a password alone enrols nothing beside a factor that is there, and a factor that no longer counts leads to one that does', async () => {
  await using world = await factorWorld(servers);
  const mia = world.browserOf('mia');
  await mia.signIn();
  const secret = await enrolTotp(world, mia);
  world.policy(SYSTEM, { secondFactor: 'Required', methods: ['Passkey'] });
  const again = world.browserOf('mia');
  await again.signIn();
  expect((await again.call('POST', '/me/factors/passkey-options')).body).toMatchObject({ code: 'SecondFactorInvalid' });
  const given = await again.call('POST', '/second-factor', { method: 'Totp', code: codeOf(world, secret) });
  expect(given.body).toEqual({ returnTo: null, enrol: ['Passkey'] });
  expect(again.visitor.cookie('streamspace_session')).toBeUndefined();
  expect((await again.call('POST', '/me/factors/passkey-options')).status).toBe(200);
  expect((await again.call('POST', '/me/factors/totp')).body).toMatchObject({ code: 'SecondFactorNotOffered' });
});

test('in a network that the policy trusts nobody is asked, and how long sign-ins last is the policy’s', async () => {
  await using world = await factorWorld(servers);
  world.policy(SYSTEM, {
    ...{ secondFactor: 'Required', trustedNetworks: ['127.0.0.0/8', '::1/128'], session: { maxSeconds: 600, idleSeconds: 120 } },
  });
  expect(await world.browserOf('mia').signIn()).toBe('/catalog');
  const [row] = await world.db.query<{ idle: boolean; ends: boolean }>(
    `select idle_after < now() + interval '121 seconds' as idle, expires_at < now() + interval '601 seconds' as ends from sign_ins`,
  );
  expect(row).toEqual({ idle: true, ends: true });
});

test('a step-up names what is asked for, is passed by a factor given lately, and never by an API key', async () => {
  await using world = await factorWorld(servers);
  world.policy('team-web', { stepUp: { for: ['Restore'], maxAgeSeconds: 300 } });
  const mia = world.browserOf('mia');
  await mia.signIn();
  const secret = await enrolTotp(world, mia);
  const made = await mia.call('POST', '/me/api-keys', { name: 'k', expiresInDays: 1 });
  const headers = { authorization: `Bearer ${text(made.body['key'])}` };
  const byKey = async (namespace: string) => {
    const url = new URL(`/api/v1/namespaces/${namespace}/restores`, mia.visitor.servers.url);
    return await fetch(url, { method: 'POST', headers });
  };
  expect((await byKey('team-db')).status).toBe(204);
  expect(await (await byKey('team-web')).json()).toMatchObject({ code: 'StepUpRequired', stepUp: { methods: [] } });

  const restore = () => mia.call('POST', '/namespaces/team-web/restores');
  expect((await restore()).status).toBe(204);
  await world.db.query("update sign_ins set proven_at = proven_at - interval '301 seconds'");
  const need = { for: 'Restore', methods: ['Totp'], maxAgeSeconds: 300 };
  expect(await restore()).toMatchObject({ status: 403, body: { code: 'StepUpRequired', stepUp: need } });
  expect((await mia.call('POST', '/second-factor', { method: 'Totp', code: codeOf(world, secret) })).status).toBe(200);
  expect((await restore()).status).toBe(204);
  expect(typesOf(world)).toContain('factor.used success');

  const max = world.browserOf('max');
  await max.signIn();
  expect((await max.call('POST', '/namespaces/team-web/restores')).status).toBe(204);
  await world.db.query("update sign_ins set authenticated_at = authenticated_at - interval '301 seconds'");
  expect((await max.call('POST', '/namespaces/team-web/restores')).body).toMatchObject({ stepUp: { methods: ['SignIn'] } });
});

test('an admin resets the factors of somebody who has lost them, which is audited; nobody else may', async () => {
  await using world = await factorWorld(servers);
  const mia = world.browserOf('mia');
  await mia.signIn();
  await enrolTotp(world, mia);
  const max = world.browserOf('max');
  await max.signIn();
  expect((await max.call('DELETE', '/people/mia/factors')).body).toMatchObject({ code: 'Forbidden' });
  const ada = world.browserOf('ada');
  await ada.signIn();
  expect(await ada.call('DELETE', '/people/mia/factors')).toEqual({ status: 200, body: { removed: 1 } });
  expect(world.events.at(-1)).toMatchObject({ type: 'factor.reset', actor: 'ada', object: 'Person/mia', result: 'success' });
  expect(await world.browserOf('mia').signIn()).toBe('/catalog');
});

test('what a policy says of API keys is judged when one is made', async () => {
  await using world = await factorWorld(servers);
  world.policy(SYSTEM, { apiKeys: { maxDays: 30, requireExpiry: true } });
  const mia = world.browserOf('mia');
  await mia.signIn();
  for (const body of [{ name: 'k' }, { name: 'k', expiresInDays: 31 }])
    expect(await mia.call('POST', '/me/api-keys', body)).toMatchObject({ status: 400, body: { code: 'RequestInvalid' } });
  expect((await mia.call('POST', '/me/api-keys', { name: 'k', expiresInDays: 30 })).status).toBe(201);
  world.policy(SYSTEM, { apiKeys: { maxDays: 30, requireExpiry: false } });
  const made = await mia.call('POST', '/me/api-keys', { name: 'k' });
  expect(Date.parse(text(made.body['expiresAt'])) - world.nowMs()).toBeLessThanOrEqual(30 * 86_400_000);
});

test('P-01-14 no recovery code, secret of one-time codes, cookie of a waiting sign-in or challenge stands in a dump', async () => {
  await using world = await factorWorld(servers);
  const mia = world.browserOf('mia');
  await mia.signIn();
  const secret = await enrolTotp(world, mia);
  const { codes } = (await mia.call('POST', '/me/factors/recovery-codes')).body as { codes: readonly string[] };
  const again = world.browserOf('mia');
  await again.signIn();
  const { challenge } = (await again.call('POST', '/second-factor/passkey-options')).body;
  const begun = await world.browserOf('max').signIn();
  expect(begun).toBe('/catalog');
  const secrets = [
    ...[secret, ...codes, ...codes.map((code) => code.replaceAll('-', '')), text(challenge)],
    again.visitor.cookie('streamspace_waiting'),
  ];
  const tables = await world.db.query<{ name: string }>(
    "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  expect(tables.length).toBeGreaterThan(10);
  const raw = Buffer.from(secret).toString('hex');
  for (const { name } of tables) {
    const rows = await world.db.query<{ row: string }>(`select t::text as row from ${name} t limit 10000`);
    const dump = rows.map(({ row }) => row.toLowerCase()).join('\n');
    for (const each of secrets) {
      expect(each).toBeTruthy();
      const lower = (each ?? '').toLowerCase();
      expect(dump.includes(lower)).toBe(false);
      expect(dump.includes(Buffer.from(lower).toString('hex'))).toBe(false);
    }
    expect(dump.includes(raw)).toBe(false);
  }
});
