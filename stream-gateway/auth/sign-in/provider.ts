// The identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636). It is asked when somebody signs in,
// never at the start: the gateway serves while the provider is away.
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import * as oidc from 'openid-client';
import type { Logger } from '../../../runtime/log/log.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Account, Person } from '../../store/people.ts';
import type { AtProvider } from '../../store/sign-ins.ts';
import { type PersonRules, personOfClaims } from './claims.ts';
import { type Logout, verifyLogoutToken } from './logout-token.ts';

export interface OidcOptions extends PersonRules {
  /** https, or http on a loopback name. */
  readonly issuer: string;
  readonly clientId: string;
  /** Read again with the metadata, and after a failure: it may have been renewed. */
  readonly clientSecret: () => Promise<string>;
  /** Where browsers reach us. */
  readonly publicUrl: string;
}

/** What binds the answer of the provider to the request: all three are checked when it comes back. */
export interface SignInProof {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SignedIn {
  readonly person: Person;
  readonly account: Account;
  /** With which {@link OidcProvider.confirm} asks again; a provider may give none. */
  readonly refreshToken?: string | undefined;
  readonly atProvider: AtProvider;
}

/** What the provider says of a person later on. `gone`: it knows this sign-in no longer, or not as this account. */
export type Confirmation = Pick<SignedIn, 'person' | 'refreshToken'> | 'gone';

/** Metadata is read again after this: keys and addresses of a provider change now and then. */
const METADATA_TTL_MS = 3_600_000;
const KEYS_TIMEOUT_MS = 10_000;
const WANTED_SCOPES = ['openid', 'profile', 'email', 'groups', 'offline_access'];

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Each has its own, so that an answer of one is never redeemed at another (RFC 9700, 4.4.2). */
export function callbackUrl(publicUrl: string, provider: string | undefined): string {
  return `${publicUrl}/auth/callback${provider === undefined ? '' : `/${provider}`}`;
}

export class OidcProvider {
  readonly #options: OidcOptions;
  readonly #redirectUri: string;
  readonly #log: Logger;
  #known: { readonly config: oidc.Configuration; readonly readAt: number } | undefined;
  #keys: { readonly url: string; readonly get: JWTVerifyGetKey } | undefined;

  /** @throws StreamSpaceError `SettingInvalid` for an issuer over plain http that is not on this machine */
  constructor(options: OidcOptions, log: Logger) {
    const issuer = new URL(options.issuer);
    if (issuer.protocol !== 'https:' && !isLoopback(issuer.hostname))
      throw new StreamSpaceError('SettingInvalid', '--oidc-issuer must be an https URL; http is for localhost only');
    this.#options = options;
    this.#redirectUri = callbackUrl(options.publicUrl, options.provider?.name);
    this.#log = log;
  }

  /** Where to send the browser. @param options.fresh whoever is signed in there is asked for credentials all the same */
  async signInUrl(proof: SignInProof, { fresh }: { readonly fresh: boolean }): Promise<URL> {
    const config = await this.#configuration();
    const supported = config.serverMetadata().scopes_supported;
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: this.#redirectUri,
      scope: WANTED_SCOPES.filter((scope) => scope === 'openid' || (supported?.includes(scope) ?? scope === 'profile')).join(' '),
      state: proof.state,
      nonce: proof.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(proof.verifier),
      code_challenge_method: 'S256',
      // With max_age the answer has to say when it was asked (OpenID Connect Core 1.0, 2: auth_time).
      ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
    });
  }

  /**
   * Redeems the code and checks state, nonce, signature, issuer and audience, then the names in the claims.
   * @throws StreamSpaceError `SignInFailed`
   */
  async finish(callback: URL, proof: SignInProof): Promise<SignedIn> {
    const config = await this.#configuration();
    try {
      const tokens = await oidc.authorizationCodeGrant(config, callback, {
        expectedState: proof.state,
        expectedNonce: proof.nonce,
        pkceCodeVerifier: proof.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new StreamSpaceError('SignInFailed', 'the identity provider sent no ID token');
      const person = await this.#personOf(config, tokens, claims.sub);
      const sid = typeof claims['sid'] === 'string' ? claims['sid'] : undefined;
      const authenticatedAt = claims.auth_time === undefined ? undefined : new Date(claims.auth_time * 1000);
      const account = { issuer: claims.iss, subject: claims.sub };
      return { person, account, refreshToken: tokens.refresh_token, atProvider: { sid, authenticatedAt } };
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      // It may have new keys or addresses: the next try reads them again.
      this.#known = undefined;
      this.#log.warn({ err: error }, 'sign-in failed');
      throw new StreamSpaceError('SignInFailed', 'the identity provider did not confirm this sign-in', { cause: error });
    }
  }

  /**
   * Asks again who somebody is (OpenID Connect Core 1.0, 12). The refresh token of the answer replaces the one that was used. An
   * answer need not have an ID token: then what UserInfo is silent about is as it was, because it may have stood in the ID token only.
   * @throws StreamSpaceError `IdentityProviderUnreachable` where there is no answer; `SignInFailed` for names that cannot be ones
   */
  async confirm(refreshToken: string, { account, person }: Pick<SignedIn, 'account' | 'person'>): Promise<Confirmation> {
    const config = await this.#configuration();
    if (config.serverMetadata().issuer !== account.issuer) return 'gone';
    try {
      const tokens = await oidc.refreshTokenGrant(config, refreshToken);
      const claims = tokens.claims();
      if (claims !== undefined && claims.sub !== account.subject) return 'gone';
      const hasNews = claims !== undefined || config.serverMetadata().userinfo_endpoint !== undefined;
      if (!hasNews) throw new StreamSpaceError('IdentityProviderUnreachable', 'the identity provider says nothing about people');
      return {
        person: await this.#personOf(config, tokens, account.subject, claims === undefined ? person : undefined),
        refreshToken: tokens.refresh_token ?? refreshToken,
      };
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      if (error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant') return 'gone'; // RFC 6749, 5.2
      this.#known = undefined;
      throw new StreamSpaceError('IdentityProviderUnreachable', 'the identity provider did not confirm a person', {
        cause: error,
      });
    }
  }

  /** Makes a refresh token worthless at the provider (RFC 7009), where it lets us. Never rejects. */
  async revoke(refreshToken: string): Promise<void> {
    try {
      const config = await this.#configuration();
      if (config.serverMetadata().revocation_endpoint === undefined) return;
      await oidc.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' });
    } catch (error) {
      this.#log.warn({ err: error }, 'the identity provider did not take a refresh token back; it ends by itself');
    }
  }

  /**
   * Reads what the provider says over the back channel when a session ends there.
   * @throws StreamSpaceError `LogoutTokenInvalid`, `IdentityProviderUnreachable`
   */
  async readLogout(token: string): Promise<Logout> {
    const { issuer, jwks_uri: url } = (await this.#configuration()).serverMetadata();
    if (url === undefined) throw new StreamSpaceError('LogoutTokenInvalid', 'the identity provider signs nothing');
    // Kept with its keys: whoever sends tokens with made-up key ids makes it ask for new ones twice a minute at most.
    if (this.#keys?.url !== url)
      this.#keys = { url, get: createRemoteJWKSet(new URL(url), { timeoutDuration: KEYS_TIMEOUT_MS }) };
    return await verifyLogoutToken(token, { issuer, clientId: this.#options.clientId, keys: this.#keys.get, now: new Date() });
  }

  /** Where the browser ends its session at the provider, `undefined` when it has no such place or does not answer. */
  async signOutUrl(): Promise<URL | undefined> {
    const config = await this.#configuration().catch(() => undefined);
    if (config?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: `${this.#options.publicUrl}/` });
  }

  /** What UserInfo says is newer than what the ID token does. */
  async #personOf(
    config: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
    subject: string,
    before?: Person,
  ): Promise<Person> {
    const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined;
    const more = hasUserInfo ? await oidc.fetchUserInfo(config, tokens.access_token, subject) : {};
    return personOfClaims({ ...tokens.claims(), ...more }, this.#options, before);
  }

  async #configuration(): Promise<oidc.Configuration> {
    if (this.#known !== undefined && performance.now() - this.#known.readAt < METADATA_TTL_MS) return this.#known.config;
    const { issuer, clientId, clientSecret } = this.#options;
    const url = new URL(issuer);
    try {
      const config = await oidc.discovery(url, clientId, await clientSecret(), undefined, {
        timeout: 10,
        // ID tokens come over TLS from the provider itself, where the signature need not be looked at (OpenID Connect Core 1.0, 3.1.3.7). It is
        // all the same: whoever stands in between has not got its key. HMAC and "none" are refused with it.
        execute: [oidc.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
      });
      this.#known = { config, readAt: performance.now() };
      return config;
    } catch (error) {
      // Old metadata is better than none.
      if (this.#known !== undefined) return this.#known.config;
      if (error instanceof StreamSpaceError) throw error;
      throw new StreamSpaceError('IdentityProviderUnreachable', 'the identity provider does not answer', { cause: error });
    }
  }
}
