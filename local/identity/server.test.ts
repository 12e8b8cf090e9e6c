import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import { hashPassword } from '../people/password.ts';
import { createIdentityServer } from './server.ts';

const CALLBACK = 'http://localhost:1/auth/callback';
const SECRET = 'a-secret-of-at-least-thirty-two-characters';

let server: Server;
let issuer = '';
let now = Date.now();

/** The few things of a browser that a sign-in needs: cookies, and no redirect followed by itself. */
class Visitor {
  readonly #cookies = new Map<string, string>();

  async open(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(new URL(url, issuer), {
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects as long as they stay at the provider. */
  async follow(
    url: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<{ readonly url: string; readonly response: Response }> {
    let at = new URL(url, issuer).href;
    let response = await this.open(at, form);
    for (let hops = 0; hops < 8; hops += 1) {
      const location = response.headers.get('location');
      if (location === null) return { url: at, response };
      at = new URL(location, at).href;
      if (!at.startsWith(issuer)) return { url: at, response };
      response = await this.open(at);
    }
    throw new Error('too many redirects');
  }
}

beforeAll(async () => {
  const placeholder = createServer().listen(0, '127.0.0.1');
  await once(placeholder, 'listening');
  const { port } = placeholder.address() as AddressInfo;
  placeholder.close();
  await once(placeholder, 'close');
  issuer = `http://localhost:${port}`;
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const app = createIdentityServer(
    {
      port,
      issuer,
      client: { id: 'streamspace', secret: SECRET, redirectUris: [CALLBACK], postLogoutRedirectUris: ['http://localhost:1/'] },
      people: [
        {
          name: 'lead',
          displayName: 'Lee Lead',
          email: 'lead@x.example',
          groups: ['g1', 'g2'],
          passwordHash: await hashPassword('right one'),
        },
        {
          name: 'viewer',
          displayName: 'Vic',
          email: 'viewer@x.example',
          groups: [],
          passwordHash: await hashPassword('another'),
        },
      ],
      signingKeys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'k' }],
      cookieKeys: ['a-cookie-key-of-at-least-thirty-two-characters'],
    },
    { log: createLogger({ name: 'test', level: 'silent' }), now: () => now },
  );
  server = createServer(app).listen(port, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function client(authentication?: oidc.ClientAuth): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(issuer), 'streamspace', SECRET, authentication, { execute: [oidc.allowInsecureRequests] });
}

async function begin(config: oidc.Configuration): Promise<{ readonly url: string; readonly verifier: string }> {
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email groups',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, verifier };
}

describe('sign-in', () => {
  test.each([
    ['in the header', oidc.ClientSecretBasic(SECRET)],
    ['in the body', oidc.ClientSecretPost(SECRET)],
  ])('one page, no consent, and the ID token says who and in which groups (client secret %s)', async (_where, authentication) => {
    const config = await client(authentication);
    const visitor = new Visitor();
    const { url, verifier } = await begin(config);
    const form = await visitor.follow(url);
    expect(form.response.status).toBe(200);
    const back = await visitor.follow(form.url, { name: 'lead', password: 'right one' });
    expect(back.url.startsWith(CALLBACK)).toBe(true);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(back.url), {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    expect(tokens.claims()).toMatchObject({
      sub: 'lead',
      name: 'Lee Lead',
      preferred_username: 'lead',
      email: 'lead@x.example',
      groups: ['g1', 'g2'],
    });
    // With which it is asked again later, in place of a sign-in.
    const later = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(later.claims()).toMatchObject({ sub: 'lead', groups: ['g1', 'g2'] });
    // Signed in already: the next time there is no page at all.
    expect((await visitor.follow((await begin(config)).url)).url.startsWith(CALLBACK)).toBe(true);
  });

  test('a wrong password gives the form again with one alert and the name kept; what was typed is escaped', async () => {
    const visitor = new Visitor();
    const form = await visitor.follow((await begin(await client())).url);
    const { response } = await visitor.follow(form.url, { name: '"><b>x', password: 'wrong' });
    const html = await response.text();
    expect(response.status).toBe(401);
    expect(html.match(/role="alert"/g)).toHaveLength(1);
    expect(html).toContain('The name or the password is wrong.');
    expect(html).toContain('value="&quot;&gt;&lt;b&gt;x"');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('P-01-12 after five wrong passwords even the right one waits, and says how long', async () => {
    const visitor = new Visitor();
    const form = await visitor.follow((await begin(await client())).url);
    for (let index = 0; index < 5; index += 1) await visitor.open(form.url, { name: 'viewer', password: `wrong ${index}` });
    const held = await visitor.open(form.url, { name: 'viewer', password: 'another' });
    expect(held.status).toBe(429);
    expect(await held.text()).toContain('Try again in 1 s.');
    now += 1_001;
    expect((await visitor.follow(form.url, { name: 'viewer', password: 'another' })).url.startsWith(CALLBACK)).toBe(true);
  });

  test('a form without its cookie, or of yesterday, is explained and leads back', async () => {
    const form = await new Visitor().follow((await begin(await client())).url);
    const stranger = await new Visitor().open(form.url);
    expect(stranger.status).toBe(400);
    expect(await stranger.text()).toContain('href="http://localhost:1"');
  });
});

describe('the protocol', () => {
  test('without PKCE, or back to a foreign address, there is no sign-in', async () => {
    const config = await client();
    const plain = await new Visitor().follow(
      oidc.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: 'openid' }).href,
    );
    expect(new URL(plain.url).searchParams.get('error')).toBe('invalid_request');
    const foreign = new URL((await begin(config)).url);
    foreign.searchParams.set('redirect_uri', 'http://evil.example/');
    const refused = await new Visitor().follow(foreign.href);
    expect(refused.response.status).toBe(400);
    expect(await refused.response.text()).toContain('This did not work');
  });

  test('sign-out asks nothing, ends the session, and leads back to the client', async () => {
    const config = await client();
    const visitor = new Visitor();
    const { url, verifier } = await begin(config);
    const form = await visitor.follow(url);
    const back = await visitor.follow(form.url, { name: 'lead', password: 'right one' });
    const tokens = await oidc.authorizationCodeGrant(config, new URL(back.url), {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const out = oidc.buildEndSessionUrl(config, {
      post_logout_redirect_uri: 'http://localhost:1/',
      id_token_hint: tokens.id_token ?? '',
    });
    const page = await (await visitor.open(out.href)).text();
    // What the script of the page does.
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    expect((await visitor.follow(action, { xsrf, logout: 'yes' })).url).toBe('http://localhost:1/');
    expect((await visitor.follow((await begin(config)).url)).response.status).toBe(200);
  });
});
