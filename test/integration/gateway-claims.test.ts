// What an identity provider may call people and groups: a whole sign-in against a provider that says whatever a test wants.
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import express, { urlencoded } from 'express';
import { expect, inject, test } from 'vitest';
import type { AuditEvent } from '../../schemas/events.ts';
import { databaseOf } from '../support/audit.ts';
import { authApp, providerAt } from '../support/auth-app.ts';
import { type Listening, listening } from '../support/listening.ts';

const servers = inject('servers');
const CLIENT = 'gateway-under-test';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** RFC 7519. @param sealed the signature of the text */
function idToken(claims: Readonly<Record<string, unknown>>, alg: string, sealed: (text: string) => Buffer): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg, kid: 'one' })}.${part(claims)}`;
  return `${text}.${sealed(text).toString('base64url')}`;
}

/** As OpenID Connect Core 1.0 wants it. */
const signed = (claims: Readonly<Record<string, unknown>>): string =>
  idToken(claims, 'RS256', (text) => sign('sha256', Buffer.from(text), privateKey));

interface ProviderWays {
  readonly token: (claims: Readonly<Record<string, unknown>>) => string;
  /** What its metadata lists. */
  readonly algorithms: readonly string[];
}

const providerThatSays = (
  claims: Readonly<Record<string, unknown>>,
  { token = signed, algorithms = ['RS256'] }: Partial<ProviderWays> = {},
): Promise<Listening> =>
  listening((issuer) => {
    const nonces = new Map<string, unknown>();
    return express()
      .get('/.well-known/openid-configuration', (_req, res) => {
        res.json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: algorithms,
        });
      })
      .get('/keys', (_req, res) => {
        res.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] });
      })
      .get('/authorize', (req, res) => {
        const code = randomUUID();
        nonces.set(code, req.query['nonce']);
        res.redirect(303, `${String(req.query['redirect_uri'])}?code=${code}&state=${String(req.query['state'])}`);
      })
      .post('/token', urlencoded({ extended: false }), (req, res) => {
        const { code } = req.body as { readonly code: string };
        const now = Math.floor(Date.now() / 1000);
        const standard = { iss: issuer, aud: CLIENT, sub: 'subject', iat: now, exp: now + 60, nonce: nonces.get(code) };
        res.json({ access_token: 'access', token_type: 'Bearer', id_token: token({ ...standard, ...claims }) });
      });
  });

interface SignInResult {
  readonly status: number;
  readonly cookies: string;
  readonly body: string;
  readonly events: readonly AuditEvent[];
}

/** The whole way: to the provider, back with a code, and what the gateway then answers. */
async function signInAs(claims: Readonly<Record<string, unknown>>, ways: Partial<ProviderWays> = {}): Promise<SignInResult> {
  await using provider = await providerThatSays(claims, ways);
  await using db = databaseOf(servers);
  const events: AuditEvent[] = [];
  await using gateway = await listening((publicUrl) =>
    authApp({
      db,
      publicUrl,
      audit: async (event) => void events.push(event),
      provider: providerAt(provider.url, CLIENT, publicUrl),
    }),
  );
  const away = await fetch(`${gateway.url}/auth/sign-in`, { redirect: 'manual' });
  const cookie = away.headers
    .getSetCookie()
    .map((text) => text.split(';', 1)[0])
    .join('; ');
  const back = await fetch(away.headers.get('location') ?? '', { redirect: 'manual' });
  const answer = await fetch(back.headers.get('location') ?? '', {
    redirect: 'manual',
    headers: { cookie, accept: 'application/json' },
  });
  return { status: answer.status, cookies: answer.headers.getSetCookie().join('\n'), body: await answer.text(), events };
}

test('an answer to a refresh that has no ID token takes away no groups, and one that names them counts', async () => {
  let said: Readonly<Record<string, unknown>> = {};
  await using provider = await listening((issuer) =>
    express()
      .get('/.well-known/openid-configuration', (_req, res) => {
        res.json({ issuer, token_endpoint: `${issuer}/token`, userinfo_endpoint: `${issuer}/userinfo` });
      })
      .post('/token', (_req, res) => void res.json({ access_token: 'access', token_type: 'Bearer' }))
      .get('/userinfo', (_req, res) => void res.json({ sub: 'subject', ...said })),
  );
  const person = { name: 'mia', displayName: 'Mia', groups: ['ops', 'web'] };
  const account = { issuer: provider.url, subject: 'subject' };
  const asked = providerAt(provider.url, CLIENT, 'http://127.0.0.1');
  expect(await asked.confirm('token', { person, account })).toMatchObject({ person });
  said = { groups: ['web'] };
  expect(await asked.confirm('token', { person, account })).toMatchObject({ person: { ...person, groups: ['web'] } });
  said = { groups: [] };
  expect(await asked.confirm('token', { person, account })).toMatchObject({ person: { ...person, groups: [] } });
});

test('a person with names that RBAC can hold is signed in, and kept with his groups', async () => {
  const name = `claims-${randomUUID().slice(0, 8)}`;
  await using db = databaseOf(servers);
  try {
    const { status, cookies, events } = await signInAs({ preferred_username: name, groups: ['web', 'auditors'] });
    expect(status).toBe(303);
    expect(cookies).toContain('streamspace_session=');
    expect(events).toMatchObject([{ type: 'signin.succeeded', actor: name, result: 'success' }]);
    expect(await db.query('select groups from people where name = $1', [name])).toEqual([{ groups: ['auditors', 'web'] }]);
  } finally {
    await db.query('delete from sign_ins where person = $1', [name]);
    await db.query('delete from people where name = $1', [name]);
  }
});

const forged = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const unsigned = (claims: Readonly<Record<string, unknown>>): string => idToken(claims, 'none', () => Buffer.alloc(0));
/** The public key taken for a shared secret: what it was signed with is known to everybody. */
const byPublicKey = (claims: Readonly<Record<string, unknown>>): string =>
  idToken(claims, 'HS256', (text) =>
    createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' }))
      .update(text)
      .digest(),
  );
const MIA = { preferred_username: 'mia' };

test.each<[string, Readonly<Record<string, unknown>>, Partial<ProviderWays>]>([
  ['another key', MIA, { token: (claims) => idToken(claims, 'RS256', (text) => sign('sha256', Buffer.from(text), forged)) }],
  ['no key', MIA, { token: (claims) => idToken(claims, 'RS256', () => Buffer.alloc(0)) }],
  ['algorithm none', MIA, { token: unsigned }],
  ['algorithm none, which the metadata lists', MIA, { token: unsigned, algorithms: ['RS256', 'none'] }],
  ['the public key as a secret', MIA, { token: byPublicKey }],
  ['the public key as a secret, which the metadata lists', MIA, { token: byPublicKey, algorithms: ['RS256', 'HS256'] }],
  [
    'the client secret',
    MIA,
    {
      token: (claims) => idToken(claims, 'HS256', (text) => createHmac('sha256', 'secret').update(text).digest()),
      algorithms: ['HS256'],
    },
  ],
  ['the right key, for another audience', { ...MIA, aud: 'another-client' }, {}],
  ['the right key, for several audiences and another party', { ...MIA, aud: [CLIENT, 'another'], azp: 'another' }, {}],
  ['the right key, of another issuer', { ...MIA, iss: 'http://127.0.0.1:1' }, {}],
  ['the right key, for another nonce', { ...MIA, nonce: 'another' }, {}],
  ['the right key, without a nonce', { ...MIA, nonce: undefined }, {}],
  ['the right key, ended an hour ago', { ...MIA, exp: Math.floor(Date.now() / 1000) - 3600 }, {}],
])('P-01-10 an ID token that is signed by %s signs nobody in, and is audited', async (_by, claims, ways) => {
  const { status, cookies, body, events } = await signInAs(claims, ways);
  expect([status, JSON.parse(body).code]).toEqual([401, 'SignInFailed']);
  expect(cookies).not.toContain('streamspace_session=');
  expect(events).toMatchObject([{ type: 'signin.failed', actor: null, result: 'refused', details: { code: 'SignInFailed' } }]);
});

test.each([
  ['a name with a colon', { preferred_username: 'system:admin' }, 'preferred_username'],
  ['a name with white space', { preferred_username: 'mia member' }, 'preferred_username'],
  ['a name with a control character', { preferred_username: 'mia\r\nImpersonate-Group: system:masters' }, 'preferred_username'],
  ['no name', {}, 'preferred_username'],
  ['a group with a colon', { preferred_username: 'mia', groups: ['web', 'system:masters'] }, 'groups'],
  ['a group with white space', { preferred_username: 'mia', groups: ['platform admins'] }, 'groups'],
  ['a group with a control character', { preferred_username: 'mia', groups: ['web\n'] }, 'groups'],
])('%s is refused at sign-in with the claim in the message, and audited', async (_what, claims, claim) => {
  const { status, cookies, body, events } = await signInAs(claims);
  expect(status).toBe(401);
  expect(JSON.parse(body)).toMatchObject({ code: 'SignInFailed', detail: expect.stringContaining(`claim ${claim}`) });
  expect(body).not.toMatch(/masters|mia/);
  expect(cookies).not.toContain('streamspace_session=');
  expect(events).toMatchObject([{ type: 'signin.failed', actor: null, result: 'refused', details: { code: 'SignInFailed' } }]);
});
