// From the headers of a request to a person: an API key, else the cookie of a signed-in browser. Requests and upgrades
// use the same.
import type { IncomingHttpHeaders } from 'node:http';
import type { Queryable } from '../../runtime/db/database.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { findKeyOwner, type KeyOwner } from '../store/api-keys.ts';
import { findSignIn, type SignInLimits } from '../store/sign-ins.ts';
import { parseApiKey } from './api-key.ts';
import { cookieSecret, SIGN_IN_COOKIE } from './cookies.ts';
import type { Identity } from './identity.ts';
import { addressAllowed } from './key-limits.ts';
import { deriveSecret, sha256 } from './secrets.ts';

export interface KeyGuesses {
  /** @throws StreamSpaceError `RateLimited` while the address is banned */
  check(address: string): Promise<void>;
  /** Notes a wrong key. */
  wrong(address: string): Promise<void>;
}

export interface AuthenticatorPorts {
  readonly db: Queryable;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly guesses: KeyGuesses;
  readonly limits: SignInLimits;
  /** Whether browsers come by TLS. */
  readonly secure: boolean;
}

export interface RequestOrigin {
  readonly headers: IncomingHttpHeaders;
  readonly sourceAddress: string;
  readonly requestId: string;
}

/** `undefined`: nobody. Rejects with `ApiKeyInvalid` for a key that is not good: it must not fall back to a cookie. */
export type Authenticate = (request: RequestOrigin) => Promise<Identity | undefined>;

/** Of a key that is right. */
function whyNot(owner: KeyOwner, address: string): 'locked' | 'address' | undefined {
  if (owner.locked) return 'locked';
  return addressAllowed(owner.addresses, address) ? undefined : 'address';
}

export function createAuthenticator({ db, audit, guesses, limits, secure }: AuthenticatorPorts): Authenticate {
  async function byKey(key: string, request: RequestOrigin): Promise<Identity> {
    await guesses.check(request.sourceAddress);
    const owner = await findKeyOwner(db, key);
    const why = owner === undefined ? undefined : whyNot(owner, request.sourceAddress);
    if (owner !== undefined && why === undefined)
      return { via: 'api-key', person: owner.person, credential: `api-key:${owner.id}`, scopes: owner.scopes };
    // Whoever has a key that is right guesses nothing.
    if (owner === undefined) await guesses.wrong(request.sourceAddress);
    await audit({
      type: 'apikey.refused',
      actor: null,
      result: 'refused',
      sourceAddress: request.sourceAddress,
      requestId: request.requestId,
      // The id is no secret, and says whose script has an old key.
      details: { keyId: parseApiKey(key)?.id ?? null, ...(why === undefined ? {} : { why }) },
    });
    if (why === 'locked') throw new StreamSpaceError('PersonLocked', 'the owner of this API key is locked');
    throw new StreamSpaceError(
      'ApiKeyInvalid',
      owner === undefined
        ? 'this API key is wrong, expired or revoked'
        : `this API key may not be used from ${request.sourceAddress}`,
    );
  }

  return async (request) => {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) return await byKey(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '', request);
    const secret = cookieSecret(cookie, SIGN_IN_COOKIE, { secure, path: '/' });
    if (secret === undefined) return undefined;
    const signIn = await findSignIn(db, sha256(secret), limits);
    if (signIn === undefined) return undefined;
    return {
      via: 'sign-in',
      person: signIn.person,
      credential: `sign-in:${signIn.id}`,
      csrfToken: deriveSecret(secret, 'csrf'),
    };
  };
}
