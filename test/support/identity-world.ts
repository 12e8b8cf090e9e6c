// The real identity provider and the sign-in of the gateway, with people that a test changes and a database of its own.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { IdentityPerson } from '../../local/identity/config.ts';
import { createIdentityServer } from '../../local/identity/server.ts';
import { hashPassword } from '../../local/people/password.ts';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { Seal } from '../../stream-gateway/auth/seal.ts';
import { authApp, providerAt } from './auth-app.ts';
import { freshDatabase } from './fresh-database.ts';
import { listening } from './listening.ts';
import type { Servers } from './servers.ts';
import { Visitor } from './visitor.ts';

const log = createLogger({ name: 'test', level: 'silent' });
export const IDENTITY_CLIENT = { id: 'gateway-under-test', secret: 'a-secret-of-at-least-thirty-two-characters' };
const PASSWORD = 'right one';
export const IDENTITY_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export interface IdentityWorld extends AsyncDisposable {
  readonly db: Database;
  readonly people: IdentityPerson[];
  readonly events: readonly AuditEvent[];
  readonly issuer: string;
  readonly gatewayUrl: string;
  visitor(): Visitor;
  /** @returns the answer of the callback */
  signIn(visitor: Visitor, name: string): Promise<Response>;
}

/** @param names of the people there are */
export async function identityWorld(servers: Servers, names: readonly string[]): Promise<IdentityWorld> {
  await using stack = new AsyncDisposableStack();
  const { db } = stack.use(await freshDatabase(servers));
  const events: AuditEvent[] = [];
  const audit = async (event: AuditEvent): Promise<void> => void events.push(event);
  const passwordHash = await hashPassword(PASSWORD);
  const people = names.map((name) => ({
    ...{ name, displayName: name, email: `${name}@x.example`, groups: ['web'], passwordHash },
  }));
  let app: RequestListener = (req) => void req.destroy();
  const identity = stack.use(await listening(() => (req, res) => app(req, res)));
  const gateway = stack.use(
    await listening((publicUrl) => {
      const provider = providerAt(identity.url, IDENTITY_CLIENT.id, publicUrl, IDENTITY_CLIENT.secret);
      return authApp({ db, publicUrl, provider, seal: new Seal(randomBytes(32)), audit });
    }),
  );
  app = createIdentityServer(
    {
      ...{ port: 0, issuer: identity.url, people },
      client: {
        ...IDENTITY_CLIENT,
        redirectUris: [`${gateway.url}/auth/callback`],
        postLogoutRedirectUris: [`${gateway.url}/`],
        backchannelLogoutUri: `${gateway.url}/auth/backchannel-logout`,
      },
      signingKeys: [{ ...IDENTITY_KEY.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k' }],
      cookieKeys: ['a-cookie-key-of-at-least-thirty-two-characters'],
    },
    { log, now: () => Date.now() },
  );
  const accounts = names.map((name) => ({ name, role: 'member', password: PASSWORD, apiKey: '' }));
  const moved = stack.move();
  return {
    ...{ db, people, events, issuer: identity.url, gatewayUrl: gateway.url },
    visitor: () => new Visitor({ ...servers, url: gateway.url, people: accounts }),
    signIn: async (visitor, name) =>
      await visitor.open(await visitor.untilCallback(name), { headers: { accept: 'application/json' } }),
    [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose](),
  };
}
