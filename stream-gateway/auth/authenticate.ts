// From the headers of a request to a person: an API key or the token of a machine, else the cookie of a signed-in browser. Requests
// and upgrades use the same.
import type { IncomingHttpHeaders } from 'node:http';
import type { Queryable } from '../../runtime/db/database.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { MACHINE_PREFIX } from '../../schemas/names.ts';
import { looksLikeToken, type MachineTokens } from '../machines/machine-tokens.ts';
import type { Machines } from '../machines/machines.ts';
import { findKeyOwner, type KeyOwner } from '../store/api-keys.ts';
import { noteMachine } from '../store/machines.ts';
import { findSignIn, type SignInLimits } from '../store/sign-ins.ts';
import { cookieSecret, SIGN_IN_COOKIE } from './cookies.ts';
import type { Identity } from './identity.ts';
import { parseApiKey } from './keys/api-key.ts';
import { addressAllowed } from './keys/key-limits.ts';
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
  readonly machines: Pick<Machines, 'has'>;
  readonly machineTokens: Pick<MachineTokens, 'read'>;
  /** Whether browsers come by TLS. */
  readonly secure: boolean;
}

export interface RequestOrigin {
  readonly headers: IncomingHttpHeaders;
  readonly sourceAddress: string;
  readonly requestId: string;
}

/** `undefined`: nobody. Rejects for a key or token that is not good: it must not fall back to a cookie. */
export type Authenticate = (request: RequestOrigin) => Promise<Identity | undefined>;

/** Of a key that is right. */
function whyNot(owner: KeyOwner, address: string, machines: Pick<Machines, 'has'>): 'locked' | 'address' | 'removed' | undefined {
  const { name } = owner.person;
  if (name.startsWith(MACHINE_PREFIX) && !machines.has(name)) return 'removed';
  if (owner.locked) return 'locked';
  return addressAllowed(owner.addresses, address) ? undefined : 'address';
}

export function createAuthenticator(ports: AuthenticatorPorts): Authenticate {
  const { db, audit, guesses, limits, machines, machineTokens, secure } = ports;
  async function byKey(key: string, request: RequestOrigin): Promise<Identity> {
    await guesses.check(request.sourceAddress);
    const owner = await findKeyOwner(db, key);
    const why = owner === undefined ? undefined : whyNot(owner, request.sourceAddress, machines);
    if (owner !== undefined && why === undefined)
      return {
        ...{ via: 'api-key', person: owner.person, credential: `api-key:${owner.id}` },
        ...{ scopes: owner.scopes, addresses: owner.addresses, expiresAt: owner.expiresAt },
      };
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
      why === undefined
        ? 'this API key is wrong, expired or revoked'
        : why === 'removed'
          ? 'the machine of this API key has left its team'
          : `this API key may not be used from ${request.sourceAddress}`,
    );
  }

  async function byToken(token: string, request: RequestOrigin): Promise<Identity> {
    const { sourceAddress, requestId } = request;
    await guesses.check(sourceAddress);
    const read = await machineTokens.read(token);
    const locked = 'person' in read && (await noteMachine(db, read.person)).locked;
    if ('person' in read && !locked) return { via: 'service-account', ...read };
    const why = 'person' in read ? 'locked' : read.refused;
    // One that the API server made is no guess.
    if (why === 'invalid') await guesses.wrong(sourceAddress);
    const details = { why, ...('person' in read ? { machine: read.person.name } : {}) };
    await audit({ type: 'machine.refused', actor: null, result: 'refused', sourceAddress, requestId, details });
    if (why === 'locked') throw new StreamSpaceError('PersonLocked', 'this machine is locked');
    throw new StreamSpaceError(
      'MachineTokenInvalid',
      why === 'invalid' ? 'this token is wrong, expired or made for another audience' : 'this token is of no machine of a team',
    );
  }

  return async (request) => {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) {
      const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
      return looksLikeToken(text) ? await byToken(text, request) : await byKey(text, request);
    }
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
