// Apps of the double: who speaks with a JSON Web Token of his key, and acts with tokens of an installation, as GitHub documents it
// ("Generating a JSON Web Token (JWT) for a GitHub App", "Generating an installation access token").
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { ApiFailure } from './failure.ts';
import type { Account } from './state.ts';

/** A token of an installation is good for an hour. */
export const INSTALLATION_TOKEN_MS = 3_600_000;
/** A JSON Web Token for ten minutes at most. */
const MAX_JWT_S = 600;

export interface App {
  /** The bot. */
  readonly account: Account;
  readonly id: number;
  readonly installationId: number;
  readonly publicKey: KeyObject;
}

export class Apps {
  readonly #apps = new Map<number, App>();

  /** @returns with its private key in PEM, which is told once */
  register(
    account: Account,
    ids: { readonly id: number; readonly installationId: number },
  ): App & { readonly privateKey: string } {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const app = { account, ...ids, publicKey: createPublicKey(publicKey) };
    this.#apps.set(app.id, app);
    return { ...app, privateKey };
  }

  installed(id: number): App | undefined {
    return [...this.#apps.values()].find(({ installationId }) => installationId === id);
  }

  /** @throws ApiFailure 401 */
  async speaker(token: string, now: Date): Promise<App> {
    const app = this.#apps.get(Number(issuerOf(token)));
    if (app === undefined) throw new ApiFailure(401, 'A JSON web token could not be decoded');
    const verified = await jwtVerify(token, app.publicKey, {
      algorithms: ['RS256'],
      currentDate: now,
      requiredClaims: ['iat', 'exp'],
    }).catch(() => undefined);
    const { iat = 0, exp = 0 } = verified?.payload ?? {};
    if (verified === undefined) throw new ApiFailure(401, 'A JSON web token could not be decoded');
    if (iat > now.getTime() / 1000)
      throw new ApiFailure(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    if (exp - now.getTime() / 1000 > MAX_JWT_S)
      throw new ApiFailure(401, "'Expiration time' claim ('exp') is too far in the future");
    return app;
  }
}

/** As an App's own code makes it. */
export async function appToken(app: Pick<App, 'id'>, privateKey: string, now: Date): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000);
  return await new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(String(app.id))
    .setIssuedAt(seconds - 60)
    .setExpirationTime(seconds + MAX_JWT_S - 60)
    .sign(createPrivateKey(privateKey));
}

function issuerOf(token: string): unknown {
  try {
    const { iss } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { iss?: unknown };
    return iss;
  } catch {
    return undefined;
  }
}
