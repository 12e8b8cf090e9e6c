// OpenID Connect for the demo people: code flow with PKCE for one client of our own, no consent to ask for. Refresh tokens let
// the gateway ask again who somebody is; they outlive a restart, or everybody would be signed out by it.
import { randomBytes } from 'node:crypto';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Logger } from '../../runtime/log/log.ts';
import type { IdentityConfig } from './config.ts';
import { grantsAdapter } from './grants.ts';
import { messagePage, signOutPage } from './pages.ts';

const SCOPES = ['openid', 'profile', 'email', 'groups'] as const;
const CLAIMS = {
  openid: ['sub'],
  profile: ['name', 'preferred_username'],
  email: ['email', 'email_verified'],
  groups: ['groups'],
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function makeNonce(): string {
  return randomBytes(16).toString('base64url');
}

/** Nothing may be loaded from anywhere; forms go to us and, by redirect, to the client. */
export function contentSecurityPolicy(nonce: string, formTargets: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    `form-action 'self' ${formTargets.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

export function clientOrigins(config: IdentityConfig): readonly string[] {
  return [...new Set(config.client.redirectUris.map((uri) => new URL(uri).origin))];
}

function showPage(ctx: KoaContextWithOIDC, config: IdentityConfig, make: (nonce: string) => string): void {
  const nonce = makeNonce();
  ctx.type = 'html';
  ctx.set('content-security-policy', contentSecurityPolicy(nonce, clientOrigins(config)));
  ctx.body = make(nonce);
}

function backLink(config: IdentityConfig): { readonly href: string; readonly words: string } {
  return { href: clientOrigins(config)[0] ?? '/', words: 'Back to StreamSpace' };
}

function configuration(config: IdentityConfig): Configuration {
  return {
    clients: [
      {
        client_id: config.client.id,
        client_secret: config.client.secret,
        redirect_uris: [...config.client.redirectUris],
        post_logout_redirect_uris: [...config.client.postLogoutRedirectUris],
        ...(config.client.backchannelLogoutUri === undefined
          ? {}
          : { backchannel_logout_uri: config.client.backchannelLogoutUri, backchannel_logout_session_required: true }),
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        // Whoever has just signed in need not do so once more before what asks for it.
        require_auth_time: true,
        // The library accepts the secret in the body as well for this method.
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    jwks: { keys: config.signingKeys as never },
    cookies: {
      keys: config.cookieKeys,
      // Cookies know no ports: another installation on this machine must not overwrite ours.
      names: {
        session: `streamspace_identity_${config.port}`,
        interaction: `streamspace_interaction_${config.port}`,
        resume: `streamspace_resume_${config.port}`,
      },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    scopes: [...SCOPES],
    claims: CLAIMS,
    // Our client reads the ID token only, so everything that its scopes allow stands there.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    responseTypes: ['code'],
    // Whoever may be asked about at all may be asked about later; a sign-in of the gateway ends by itself (no offline_access).
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    // A gateway that dies between the answer and its database would have lost the only one.
    rotateRefreshToken: false,
    ttl: {
      AccessToken: 10 * MINUTE,
      AuthorizationCode: MINUTE,
      IdToken: 10 * MINUTE,
      Interaction: HOUR,
      Grant: 30 * DAY,
      RefreshToken: 30 * DAY,
      Session: 12 * HOUR,
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => showPage(ctx, config, (nonce) => signOutPage({ nonce, form })),
        postLogoutSuccessSource: (ctx) =>
          showPage(ctx, config, (nonce) =>
            messagePage({
              nonce,
              title: 'Signed out',
              text: 'You are signed out of the local demonstration.',
              link: backLink(config),
            }),
          ),
      },
    },
    // The only address that is ever called is the one of our own client, which is on this machine; the library refuses such.
    fetch: async (url, options) => {
      const { dispatcher: _guard, ...request }: RequestInit & { dispatcher?: unknown } = options ?? {};
      return await fetch(url, request);
    },
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    findAccount: (_ctx, name) => {
      const person = config.people.find((one) => one.name === name);
      if (person === undefined) return undefined;
      const { displayName, email, groups } = person;
      return {
        accountId: name,
        claims: () => ({
          sub: name,
          name: displayName,
          preferred_username: name,
          email,
          email_verified: true,
          groups: [...groups],
        }),
      };
    },
    // Our own client needs nobody's consent.
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES.join(' '));
      await grant.save();
      return grant;
    },
    renderError: (ctx, out) =>
      showPage(ctx, config, (nonce) =>
        messagePage({
          nonce,
          title: 'This did not work',
          text: `${out.error_description ?? out.error}. Start the sign-in again.`,
          link: backLink(config),
        }),
      ),
  };
}

export function createProvider(config: IdentityConfig, log: Logger): Provider {
  const provider = new Provider(config.issuer, {
    ...configuration(config),
    adapter: grantsAdapter(config.grantsFile, log),
  });
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'request failed'));
  provider.on('authorization.error', (_ctx, error) => log.warn({ code: error.message }, 'authorization refused'));
  provider.on('backchannel.error', (_ctx, error) => log.warn({ code: error.message }, 'a logout was not delivered'));
  provider.on('grant.error', (_ctx, error) => log.warn({ code: error.message }, 'token refused'));
  return provider;
}
