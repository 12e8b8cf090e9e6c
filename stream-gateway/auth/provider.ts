// The identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636). It is asked when somebody signs in,
// never at the start: the gateway serves while the provider is away.
import * as oidc from 'openid-client';
import type { Logger } from '../../runtime/log/log.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Account, Person } from '../store/people.ts';
import { type ClaimNames, personOfClaims } from './claims.ts';

export interface ProviderOptions extends ClaimNames {
  /** https, or http on a loopback name. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
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
}

/** Metadata is read again after this: keys and addresses of a provider change now and then. */
const METADATA_TTL_MS = 3_600_000;
const WANTED_SCOPES = ['openid', 'profile', 'email', 'groups'];

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export class IdentityProvider {
  readonly #options: ProviderOptions;
  readonly #log: Logger;
  #known: { readonly config: oidc.Configuration; readonly readAt: number } | undefined;

  /** @throws StreamSpaceError `SettingInvalid` for an issuer over plain http that is not on this machine */
  constructor(options: ProviderOptions, log: Logger) {
    const issuer = new URL(options.issuer);
    if (issuer.protocol !== 'https:' && !isLoopback(issuer.hostname))
      throw new StreamSpaceError('SettingInvalid', '--oidc-issuer must be an https URL; http is for localhost only');
    this.#options = options;
    this.#log = log;
  }

  /** Where to send the browser. */
  async signInUrl(proof: SignInProof): Promise<URL> {
    const config = await this.#configuration();
    const supported = config.serverMetadata().scopes_supported;
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${this.#options.publicUrl}/auth/callback`,
      scope: WANTED_SCOPES.filter((scope) => scope === 'openid' || (supported?.includes(scope) ?? scope === 'profile')).join(' '),
      state: proof.state,
      nonce: proof.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(proof.verifier),
      code_challenge_method: 'S256',
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
      const more =
        config.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      const person = personOfClaims({ ...claims, ...more }, this.#options);
      return { person, account: { issuer: claims.iss, subject: claims.sub } };
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      // It may have new keys or addresses: the next try reads them again.
      this.#known = undefined;
      this.#log.warn({ err: error }, 'sign-in failed');
      throw new StreamSpaceError('SignInFailed', 'the identity provider did not confirm this sign-in', { cause: error });
    }
  }

  /** Where the browser ends its session at the provider, `undefined` when it has no such place or does not answer. */
  async signOutUrl(): Promise<URL | undefined> {
    const config = await this.#configuration().catch(() => undefined);
    if (config?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: `${this.#options.publicUrl}/` });
  }

  async #configuration(): Promise<oidc.Configuration> {
    if (this.#known !== undefined && performance.now() - this.#known.readAt < METADATA_TTL_MS) return this.#known.config;
    const { issuer, clientId, clientSecret } = this.#options;
    const url = new URL(issuer);
    try {
      const config = await oidc.discovery(url, clientId, clientSecret, undefined, {
        timeout: 10,
        ...(url.protocol === 'http:' ? { execute: [oidc.allowInsecureRequests] } : {}),
      });
      this.#known = { config, readAt: performance.now() };
      return config;
    } catch (error) {
      // Old metadata is better than none.
      if (this.#known !== undefined) return this.#known.config;
      throw new StreamSpaceError('IdentityProviderUnreachable', 'the identity provider does not answer', { cause: error });
    }
  }
}
