// The OAuth Apps of the double: what a code is worth, and what a token says of its person.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitHubDouble, startGitHubDouble } from './github-double.ts';
import type { OAuthApp } from './oauth-apps.ts';

const CALLBACK = 'http://127.0.0.1:9/auth/callback/github';
const SCOPES = 'read:user user:email read:org';

let now: Date;
let double: GitHubDouble;
let app: OAuthApp;
beforeEach(async () => {
  now = new Date('2026-06-01T10:00:00Z');
  double = await startGitHubDouble({ now: () => now });
  app = double.oauthApp({ callbackUrl: CALLBACK });
});
afterEach(async () => {
  expect(double.violations).toEqual([]);
  await double[Symbol.asyncDispose]();
});

/** @returns where the browser of `login` is sent in the end */
async function allow(login: string, more: Readonly<Record<string, string>> = {}): Promise<URL> {
  const query = new URLSearchParams({ client_id: app.clientId, redirect_uri: CALLBACK, scope: SCOPES, state: 'x', ...more });
  const asked = `${double.webUrl}/login/oauth/authorize?${query.toString()}`;
  const signedIn = await fetch(`${double.webUrl}/session?${new URLSearchParams({ return_to: asked }).toString()}`, {
    ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams({ name: login }) },
  });
  const [cookie = ''] = signedIn.headers.getSetCookie()[0]?.split(';') ?? [];
  const answer = await fetch(asked, { redirect: 'manual', headers: { cookie } });
  return new URL(answer.headers.get('location') ?? '');
}

async function redeem(code: string | null, more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  const { clientId, clientSecret } = app;
  const form = { client_id: clientId, client_secret: clientSecret, code: code ?? '', redirect_uri: CALLBACK, ...more };
  const answer = await fetch(`${double.webUrl}/login/oauth/access_token`, { method: 'POST', body: new URLSearchParams(form) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, string>;
}

const codeOf = async (more: Readonly<Record<string, string>> = {}) => (await allow('mia', more)).searchParams.get('code');

async function get(path: string, token: string) {
  const answer = await fetch(`${double.apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, link: answer.headers.get('link'), body: (await answer.json()) as unknown };
}

test('a code counts once, for ten minutes, with the secret and the verifier that belong to it; a refusal has the status 200', async () => {
  const verifier = 'v'.repeat(43);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const proof = { code_challenge: challenge, code_challenge_method: 'S256' };
  const code = await codeOf(proof);
  expect(await redeem(code, { code_verifier: verifier })).toMatchObject({
    ...{ access_token: expect.stringMatching(/^gho_/), token_type: 'bearer', scope: 'read:org,read:user,user:email' },
  });
  const refused = { error: 'bad_verification_code' };
  expect(await redeem(code, { code_verifier: verifier })).toMatchObject(refused);
  expect(await redeem(await codeOf(proof), { code_verifier: 'w'.repeat(43) })).toMatchObject(refused);
  expect(await redeem(await codeOf(proof))).toMatchObject(refused);
  const late = await codeOf();
  now = new Date(now.getTime() + 600_000);
  expect(await redeem(late)).toMatchObject(refused);
  expect(await redeem(await codeOf(), { client_secret: 'x' })).toMatchObject({ error: 'incorrect_client_credentials' });
});

test('a browser is only ever sent to the callback that was registered, with its state and who answers', async () => {
  expect(Object.fromEntries((await allow('mia')).searchParams)).toMatchObject({
    state: 'x',
    iss: `${double.webUrl}/login/oauth`,
  });
  const elsewhere = await allow('mia', { redirect_uri: 'http://127.0.0.1:9/auth/callback/other' });
  expect(`${elsewhere.origin}${elsewhere.pathname}`).toBe(CALLBACK);
  expect(elsewhere.searchParams.get('error')).toBe('redirect_uri_mismatch');
});

test('a token says what its scopes let it, in pages, until it is taken back by its App', async () => {
  const mia = double.person('mia').is({ emails: [{ email: 'mia@acme.example', primary: true, verified: true }] });
  mia.join('acme');
  mia.join('invited', 'pending');
  for (let team = 0; team < 3; team += 1) mia.joinTeam('acme', `team-${team}`);
  const { access_token: token = '' } = await redeem(await codeOf());
  expect((await get('/user', token)).body).toMatchObject({ id: mia.id, login: 'mia' });
  expect((await get('/user/emails', token)).body).toMatchObject([{ email: 'mia@acme.example' }]);
  const active = await get('/user/memberships/orgs?state=active', token);
  expect(active.body).toMatchObject([{ state: 'active', organization: { login: 'acme' } }]);
  const page = await get('/user/teams?per_page=2&page=1', token);
  expect(page.body).toMatchObject([{ slug: 'team-0', organization: { login: 'acme' } }, { slug: 'team-1' }]);
  expect(page.link).toContain(`<${double.apiUrl}/user/teams?per_page=2&page=2>; rel="next"`);
  const { access_token: narrow = '' } = await redeem(await codeOf({ scope: 'read:user' }));
  const statuses = ['/user/emails', '/user/memberships/orgs', '/user/teams'].map(
    async (path) => (await get(path, narrow)).status,
  );
  expect(await Promise.all(statuses)).toEqual([404, 403, 404]);
  const end = async (secret: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}`;
    const body = JSON.stringify({ access_token: token });
    return (
      await fetch(`${double.apiUrl}/applications/${app.clientId}/token`, { method: 'DELETE', headers: { authorization }, body })
    ).status;
  };
  expect([await end('x'), await end(app.clientSecret), await end(app.clientSecret)]).toEqual([401, 204, 404]);
  expect((await get('/user', token)).status).toBe(401);
});

test('who gives up a login keeps the number, and whoever takes the login has another', async () => {
  const mia = double.person('mia');
  mia.rename('mia-of-old');
  expect(double.person('mia-of-old').id).toBe(mia.id);
  expect(double.person('mia').id).not.toBe(mia.id);
});
