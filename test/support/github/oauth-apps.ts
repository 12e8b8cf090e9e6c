// OAuth Apps of the double, as GitHub documents them ("Authorizing OAuth apps"): a code counts once, for ten minutes, with the verifier of its
// challenge; and a refusal of a code has the status 200.
import { createHash, randomBytes } from 'node:crypto';
import { badCredentials } from './failure.ts';
import type { JsonObject } from './json.ts';
import type { Account, Credential } from './state.ts';

const CODE_MS = 600_000;

export interface NewOAuthApp {
  /** A `redirect_uri` is this one, or one below it. */
  readonly callbackUrl: string;
}

export interface OAuthApp extends NewOAuthApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What of the forge they need. */
interface Issuer {
  readonly webUrl: string;
  readonly now: () => Date;
  account(login: string, type: Account['type']): Account;
  issue(credential: Credential & { readonly kind: 'user' }): string;
}

interface Code {
  readonly app: OAuthApp;
  readonly account: Account;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge: string | null;
  readonly expiresAt: number;
}

export class OAuthApps {
  readonly #forge: Issuer;
  readonly #apps = new Map<string, OAuthApp>();
  readonly #codes = new Map<string, Code>();

  constructor(forge: Issuer) {
    this.#forge = forge;
  }

  register({ callbackUrl }: NewOAuthApp): OAuthApp {
    const app = {
      callbackUrl,
      clientId: `Ov23li${randomBytes(7).toString('hex')}`,
      clientSecret: randomBytes(20).toString('hex'),
    };
    this.#apps.set(app.clientId, app);
    return app;
  }

  find(clientId: string | null): OAuthApp | undefined {
    return this.#apps.get(clientId ?? '');
  }

  /** An App that speaks for itself. @param pair `client_id:client_secret` @throws ApiFailure 401 */
  speaker(pair: string): Credential {
    const [clientId = '', secret] = pair.split(':');
    if (this.find(clientId)?.clientSecret !== secret) throw badCredentials();
    const account = this.#forge.account('app-owner', 'Organization');
    return { account, kind: 'client', access: 'write', oauth: { clientId, scopes: [] } };
  }

  /** Somebody who is signed in has let the App in. @returns where his browser goes */
  authorize(app: OAuthApp, account: Account, asked: URLSearchParams): string {
    const redirectUri = asked.get('redirect_uri') ?? app.callbackUrl;
    const state = asked.get('state');
    const back = (to: string, said: Readonly<Record<string, string>>): string => {
      const url = new URL(to);
      const all = { ...said, ...(state === null ? {} : { state }), iss: `${this.#forge.webUrl}/login/oauth` };
      for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
      return url.href;
    };
    if (redirectUri !== app.callbackUrl && !redirectUri.startsWith(`${app.callbackUrl}/`))
      return back(app.callbackUrl, { error: 'redirect_uri_mismatch' });
    const challenge = asked.get('code_challenge');
    if (challenge !== null && asked.get('code_challenge_method') !== 'S256')
      return back(redirectUri, { error: 'invalid_request' });
    const code = randomBytes(10).toString('hex');
    const scopes = (asked.get('scope') ?? '').split(/[ ,]+/).filter((scope) => scope !== '');
    const expiresAt = this.#forge.now().getTime() + CODE_MS;
    this.#codes.set(code, { app, account, redirectUri, scopes, challenge, expiresAt });
    return back(redirectUri, { code });
  }

  /** The answer to `POST /login/oauth/access_token`; its status is 200. */
  redeem(form: URLSearchParams): JsonObject {
    const app = this.find(form.get('client_id'));
    if (app === undefined) return { error: 'Not Found' };
    if (form.get('client_secret') !== app.clientSecret)
      return refusal('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.');
    const given = form.get('code') ?? '';
    const code = this.#codes.get(given);
    this.#codes.delete(given);
    // What GitHub says of a wrong verifier is not documented: taken to be what it says of any other code that does not count.
    if (code === undefined || code.app !== app || code.expiresAt <= this.#forge.now().getTime() || !verified(code, form))
      return refusal('bad_verification_code', 'The code passed is incorrect or expired.');
    if ((form.get('redirect_uri') ?? code.redirectUri) !== code.redirectUri)
      return refusal('redirect_uri_mismatch', 'The redirect_uri MUST match the registered callback URL for this application.');
    const { account, scopes } = code;
    const token = this.#forge.issue({ account, kind: 'user', access: 'write', oauth: { clientId: app.clientId, scopes } });
    return { access_token: token, token_type: 'bearer', scope: scopes.toSorted().join(',') };
  }
}

function verified({ challenge }: Code, form: URLSearchParams): boolean {
  const verifier = form.get('code_verifier') ?? '';
  return challenge === null || createHash('sha256').update(verifier).digest('base64url') === challenge;
}

function refusal(error: string, description: string): JsonObject {
  return { error, error_description: description, error_uri: 'https://docs.github.com/apps/troubleshooting' };
}
