// Logout tokens of OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6: what the identity provider says when a session there ends.
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** Which sign-ins end: those of a session at the provider, of an account, or of both together. */
export interface Logout {
  readonly issuer: string;
  readonly subject?: string | undefined;
  readonly sid?: string | undefined;
  /** Counts once, together with the issuer. */
  readonly jti: string;
}

export interface LogoutRules {
  readonly issuer: string;
  readonly clientId: string;
  /** Of the provider. */
  readonly keys: JWTVerifyGetKey;
  readonly now: Date;
}

/** A provider that could not deliver a token for longer than this has nothing to say about it any more. */
const MAX_AGE_S = 600;
const CLOCK_SKEW_S = 60;
/** How long a token that was used has to be remembered: as long as one could still be good. */
export const LOGOUT_TOKEN_KEPT_MS = (MAX_AGE_S + 2 * CLOCK_SKEW_S) * 1000;

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Signed with a key that only the provider has: none, and the shared secret of HS256, are not among them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
/** RFC 8725, 3.11; providers that are older than the type leave it out or say JWT. */
const TYPES = [undefined, 'jwt', 'logout+jwt', 'application/logout+jwt'];
const MAX_TEXT = 512;

/** @throws StreamSpaceError `LogoutTokenInvalid` that names the rule; `IdentityProviderUnreachable` where the keys cannot be read */
export async function verifyLogoutToken(token: string, { issuer, clientId, keys, now }: LogoutRules): Promise<Logout> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    algorithms: ALGORITHMS,
    requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events'],
    maxTokenAge: MAX_AGE_S,
    clockTolerance: CLOCK_SKEW_S,
    currentDate: now,
  }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  if (!TYPES.includes(protectedHeader.typ?.toLowerCase())) throw invalid('the type of the token is another one');
  const { events, jti, sub, sid, nonce } = payload;
  // An ID token has one: it must not pass as a logout token.
  if (nonce !== undefined) throw invalid('the token has a nonce');
  if (!isObject(events) || !isObject(events[EVENT])) throw invalid('the token names no logout event');
  if (!isText(jti)) throw invalid('the claim jti is no text of 1 to 512 characters');
  if (sub !== undefined && !isText(sub)) throw invalid('the claim sub is no text of 1 to 512 characters');
  if (sid !== undefined && !isText(sid)) throw invalid('the claim sid is no text of 1 to 512 characters');
  if (sub === undefined && sid === undefined) throw invalid('the token names neither a person nor a session');
  return { issuer, jti, subject: sub, sid };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT && !value.includes('\0');
}

function invalid(message: string, cause?: unknown): StreamSpaceError {
  return new StreamSpaceError('LogoutTokenInvalid', message, { cause });
}

/** Whether the token is wrong, or the provider did not say with which keys it signs. */
function refusalOf(error: unknown): StreamSpaceError {
  if (error instanceof errors.JWTClaimValidationFailed) return invalid(`the claim ${error.claim} is missing or not good`, error);
  if (error instanceof errors.JWTExpired) return invalid('the token is too old', error);
  const isAway = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';
  if (!isAway) return invalid('the token is not signed by the identity provider', error);
  return new StreamSpaceError('IdentityProviderUnreachable', 'the keys of the identity provider cannot be read', {
    cause: error,
  });
}
