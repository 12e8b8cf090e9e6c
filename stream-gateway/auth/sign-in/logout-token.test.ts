// Every rule of a logout token, each broken alone; and whatever else anybody may send.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { createLocalJWKSet, exportJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { type LogoutRules, verifyLogoutToken } from './logout-token.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const good = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let rules: LogoutRules;

beforeAll(async () => {
  const jwk = { ...(await exportJWK(good.publicKey)), kid: 'k', alg: 'ES256' };
  rules = { issuer: 'https://id.example', clientId: 'streamspace', keys: createLocalJWKSet({ keys: [jwk] }), now: NOW };
});

const CLAIMS: JWTPayload = {
  ...{ iss: 'https://id.example', aud: 'streamspace', iat: SECONDS, exp: SECONDS + 120, jti: 'once' },
  ...{ events: EVENTS, sub: 'mia', sid: 's-1' },
};

async function signed(
  claims: Readonly<Record<string, unknown>>,
  header: { readonly typ?: string } = { typ: 'logout+jwt' },
  key: KeyObject = good.privateKey,
): Promise<string> {
  const given = Object.fromEntries(Object.entries({ ...CLAIMS, ...claims }).filter(([, value]) => value !== undefined));
  return await new SignJWT(given).setProtectedHeader({ alg: 'ES256', kid: 'k', ...header }).sign(key);
}

test('a good token names account and session, or one of them', async () => {
  const issuer = 'https://id.example';
  expect(await verifyLogoutToken(await signed({}), rules)).toEqual({ issuer, jti: 'once', subject: 'mia', sid: 's-1' });
  expect(await verifyLogoutToken(await signed({ sid: undefined }, {}), rules)).toMatchObject({ subject: 'mia', sid: undefined });
  expect(await verifyLogoutToken(await signed({ sub: undefined }, { typ: 'JWT' }), rules)).toMatchObject({ sid: 's-1' });
});

const BROKEN: readonly (readonly [why: string, claims: Readonly<Record<string, unknown>>])[] = [
  ['is of another issuer', { iss: 'https://evil.example' }],
  ['has no issuer', { iss: undefined }],
  ['is for another client', { aud: 'somebody-else' }],
  ['is for nobody', { aud: undefined }],
  ['does not say when it was made', { iat: undefined }],
  ['was made in the future', { iat: SECONDS + 300, exp: SECONDS + 600 }],
  ['was made long ago, whatever its end says', { iat: SECONDS - 3_600, exp: SECONDS + 3_600 }],
  ['has ended', { iat: SECONDS - 300, exp: SECONDS - 120 }],
  ['has no end', { exp: undefined }],
  ['has no id', { jti: undefined }],
  ['has an empty id', { jti: '' }],
  ['has an id that is no text', { jti: 7 }],
  ['has an id without end', { jti: 'x'.repeat(600) }],
  ['has no events', { events: undefined }],
  ['has another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
  ['has an event that is no object', { events: { 'http://schemas.openid.net/event/backchannel-logout': true } }],
  ['has a list of events', { events: ['http://schemas.openid.net/event/backchannel-logout'] }],
  ['has a nonce, as ID tokens do', { nonce: 'n' }],
  ['names nobody', { sub: undefined, sid: undefined }],
  ['names a session that is no text', { sid: ['s-1'] }],
  ['names an empty account', { sub: '' }],
];

test.each(BROKEN)('P-01-10 a token is refused that %s', async (_why, claims) => {
  await expect(verifyLogoutToken(await signed(claims), rules)).rejects.toMatchObject({ code: 'LogoutTokenInvalid' });
});

test('P-01-10 a token is refused that is of another type, unsigned, or signed with another key or the secret of the client', async () => {
  const hostile = [
    await signed({}, { typ: 'at+jwt' }),
    await signed({}, {}, foreign.privateKey),
    new UnsecuredJWT(CLAIMS).encode(),
    await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('the-secret-of-the-client-of-32-characters')),
    `${(await signed({})).slice(0, -4)}AAAA`,
  ];
  for (const token of hostile)
    await expect(verifyLogoutToken(token, rules)).rejects.toMatchObject({ code: 'LogoutTokenInvalid' });
});

test('keys that cannot be read are no fault of the token: the provider tries again', async () => {
  const keys = async (): Promise<never> => {
    throw new TypeError('fetch failed');
  };
  const answer = verifyLogoutToken(await signed({}), { ...rules, keys });
  await expect(answer).rejects.toMatchObject({ code: 'IdentityProviderUnreachable' });
});

test('whatever text is sent is refused as such', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ maxLength: 300 }), fc.stringMatching(/^[\w-]{0,60}\.[\w-]{0,60}\.[\w-]{0,60}$/)),
      async (text) => {
        await expect(verifyLogoutToken(text, rules)).rejects.toMatchObject({ code: 'LogoutTokenInvalid' });
      },
    ),
  );
});
