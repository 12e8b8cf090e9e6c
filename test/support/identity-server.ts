// An OpenID provider of a test's own, with people that the test changes.
import { generateKeyPairSync } from 'node:crypto';
import type { IdentityPerson } from '../../local/identity/config.ts';
import { createIdentityServer } from '../../local/identity/server.ts';
import { hashPassword } from '../../local/people/password.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { type Listening, listening } from './listening.ts';

export const CLIENT = { id: 'gateway-under-test', secret: 'a-secret-of-at-least-thirty-two-characters' };
export const PASSWORD = 'right one';

export interface IdentityServer extends Listening {
  /** Changes count at once. */
  readonly people: IdentityPerson[];
  /** Once it is known where the gateway is. */
  accept(redirectUri: string): void;
}

export async function identityServer(people: Readonly<Record<string, readonly string[]>>): Promise<IdentityServer> {
  const passwordHash = await hashPassword(PASSWORD);
  const known: IdentityPerson[] = Object.entries(people).map(([name, groups]) => ({
    ...{ name, displayName: name, email: `${name}@partner.example`, groups: [...groups], passwordHash },
  }));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  let app: ReturnType<typeof createIdentityServer> | undefined;
  const server = await listening(() => (req, res) => (app === undefined ? void req.destroy() : app(req, res)));
  return {
    url: server.url,
    people: known,
    accept: (redirectUri) => {
      app = createIdentityServer(
        {
          ...{ port: Number(new URL(server.url).port), issuer: server.url, people: known },
          client: { ...CLIENT, redirectUris: [redirectUri], postLogoutRedirectUris: [new URL('/', redirectUri).href] },
          signingKeys: [{ ...rsa, use: 'sig', alg: 'RS256', kid: 'k' }],
          cookieKeys: ['a-cookie-key-of-at-least-thirty-two-characters'],
        },
        { log: createLogger({ name: 'test', level: 'silent' }), now: () => Date.now() },
      );
    },
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}
