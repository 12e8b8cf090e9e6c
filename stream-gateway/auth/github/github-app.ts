// The OAuth App at GitHub ("Authorizing OAuth apps", GitHub Docs): where the browser goes, what its code is worth, and the end of a token. It is
// OAuth 2.0 and no OpenID Connect: there is no ID token, and a refusal of a code has the status 200.
import * as oidc from 'openid-client';
import * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { SignInProof } from '../sign-in/provider.ts';
import { askGitHub, GITHUB_TIMEOUT_MS, type GitHubAnswer, unreachable } from './github-api.ts';

export interface GitHubApp {
  /** Without a slash at the end; so is `apiUrl`. */
  readonly url: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: () => Promise<string>;
  readonly redirectUri: string;
}

/** All of it reads: who somebody is, his addresses, and his organizations and teams. */
const SCOPES = ['read:user', 'user:email', 'read:org'];
/** What GitHub says of the app and not of who signs in. */
const OF_THE_APP: ReadonlySet<string> = new Set(['incorrect_client_credentials', 'application_suspended', 'Not Found']);

const granted = z.object({ access_token: z.string().min(1).max(1024), token_type: z.literal('bearer'), scope: z.string() });

export async function authorizeUrl(
  { url, clientId, redirectUri }: GitHubApp,
  proof: Pick<SignInProof, 'state' | 'verifier'>,
): Promise<URL> {
  const query = new URLSearchParams({
    ...{ client_id: clientId, redirect_uri: redirectUri, scope: SCOPES.join(' '), state: proof.state },
    ...{ code_challenge: await oidc.calculatePKCECodeChallenge(proof.verifier), code_challenge_method: 'S256' },
    // Somebody who has no account is no member of anything.
    allow_signup: 'false',
  });
  return new URL(`${url}/login/oauth/authorize?${query.toString()}`);
}

/**
 * What the code of a callback is worth: a token. That its state is that of this browser has been looked at.
 * @throws StreamSpaceError `SignInFailed`; `IdentityProviderUnreachable` where GitHub is away, or refuses the app itself
 */
export async function redeemCode(app: GitHubApp, callback: URL, { verifier }: Pick<SignInProof, 'verifier'>): Promise<string> {
  const { url, clientId, redirectUri } = app;
  const said = callback.searchParams;
  const refused = said.get('error');
  if (refused !== null) throw refusal(refused);
  // RFC 9207: GitHub says who answers, a GitHub Enterprise Server may not.
  if (said.has('iss') && said.get('iss') !== `${url}/login/oauth`) throw refusal('issuer');
  const [code, ...others] = said.getAll('code');
  if (code === undefined || others.length > 0) throw refusal('code');
  const form = { client_id: clientId, client_secret: await app.clientSecret(), code, redirect_uri: redirectUri };
  const answer = await askGitHub(`${url}/login/oauth/access_token`, {
    ...{ method: 'POST', body: new URLSearchParams({ ...form, code_verifier: verifier }) },
    signal: AbortSignal.timeout(GITHUB_TIMEOUT_MS),
  });
  const token = granted.safeParse(answer.body);
  if (answer.status !== 200 || !token.success) throw refusalOf(answer);
  const scopes = token.data.scope.split(/[ ,]+/);
  if (!SCOPES.every((scope) => scopes.includes(scope))) throw refusal('scope');
  return token.data.access_token;
}

/** @throws StreamSpaceError `IdentityProviderUnreachable` */
export async function deleteToken({ apiUrl, clientId, clientSecret }: GitHubApp, token: string): Promise<void> {
  const basic = Buffer.from(`${clientId}:${await clientSecret()}`).toString('base64');
  const { status } = await askGitHub(`${apiUrl}/applications/${clientId}/token`, {
    ...{ method: 'DELETE', headers: { authorization: `Basic ${basic}` }, body: JSON.stringify({ access_token: token }) },
    signal: AbortSignal.timeout(GITHUB_TIMEOUT_MS),
  });
  // 404 and 422: it is worth nothing already.
  if (status !== 204 && status !== 404 && status !== 422) throw unreachable(`GitHub answers with the status ${status}`);
}

function refusalOf({ status, body }: GitHubAnswer): StreamSpaceError {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error !== 'string' || status === 429 || status >= 500)
    return unreachable(`GitHub answers with the status ${status}`);
  if (!OF_THE_APP.has(error)) return refusal(error);
  return new StreamSpaceError('IdentityProviderUnreachable', 'GitHub does not take our client ID and secret', {
    facts: { why: word(error) },
  });
}

function refusal(why: string): StreamSpaceError {
  return new StreamSpaceError('SignInFailed', 'GitHub did not confirm this sign-in', { facts: { why: word(why) } });
}

/** It comes from outside, through a browser, and goes into the audit log. */
function word(text: string): string {
  return /^[a-z_]{1,40}$/.test(text) ? text : 'other';
}
