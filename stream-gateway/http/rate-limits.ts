// Limits by address and by person, in the memory of one replica: with N replicas they are N times as wide, which is
// still narrow enough to guess nothing.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { KeyGuesses } from '../auth/authenticate.ts';
import type { Guard } from './guards.ts';

export interface RateLimits {
  /** For each request and upgrade, by address. */
  readonly guard: Guard;
  readonly guesses: KeyGuesses;
  /** Of the password of the break-glass account. */
  readonly breakGlassGuesses: KeyGuesses;
  /** Of the secrets of links. */
  readonly linkGuesses: KeyGuesses;
  /** Of the token of the audit log of the API server. */
  readonly hookGuesses: KeyGuesses;
  /** Of passwords at a directory. */
  readonly passwordGuesses: KeyGuesses;
  /** @throws StreamSpaceError `RateLimited` */
  write(person: string): Promise<void>;
}

/** docs/guides names those that keep somebody out: signing-in, identity-providers, break-glass. */
export const LIMITS = {
  /** Begun or finished sign-ins, an address and minute: an office behind one address signs in at nine o'clock. */
  signIns: { points: 120, duration: 60 },
  /** Logout tokens, an address and minute: a provider signs a whole company out at once, and tries again what was refused. */
  logouts: { points: 600, duration: 60 },
  /** Wrong keys of one address in ten minutes; then it is banned for ten. */
  wrongKeys: { points: 20, duration: 600, blockDuration: 600 },
  /** Wrong break-glass passwords of one address in a quarter of an hour; then it is banned for as long. */
  wrongBreakGlass: { points: 5, duration: 900, blockDuration: 900 },
  /** Wrong links of one address in ten minutes; likewise. */
  wrongLinks: { points: 20, duration: 600, blockDuration: 600 },
  /** Refused passwords of one address in ten minutes; likewise. */
  wrongPasswords: { points: 20, duration: 600, blockDuration: 600 },
  /** Changing requests, a person and minute. */
  writes: { points: 600, duration: 60 },
} as const;

function limited(left: RateLimiterRes, message: string): StreamSpaceError {
  return new StreamSpaceError('RateLimited', message, { retryAfterMs: Math.max(1_000, left.msBeforeNext) });
}

async function consume(limiter: RateLimiterMemory, key: string, message: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (left) {
    throw left instanceof RateLimiterRes ? limited(left, message) : left;
  }
}

function guessesOf(
  keyPrefix: string,
  limit: { readonly points: number; readonly duration: number; readonly blockDuration: number },
  message: string,
): KeyGuesses {
  const wrong = new RateLimiterMemory({ keyPrefix, ...limit });
  return {
    async check(address) {
      const known = await wrong.get(address);
      if (known !== null && known.consumedPoints > limit.points) throw limited(known, message);
    },
    async wrong(address) {
      // The one too many begins the ban; this request is refused for its guess, the next for the ban.
      await wrong.consume(address).catch(() => undefined);
    },
  };
}

export function createRateLimits(): RateLimits {
  const signIns = new RateLimiterMemory({ keyPrefix: 'sign-in', ...LIMITS.signIns });
  const logouts = new RateLimiterMemory({ keyPrefix: 'logout', ...LIMITS.logouts });
  const writes = new RateLimiterMemory({ keyPrefix: 'write', ...LIMITS.writes });
  return {
    guard: async (request) => {
      if (/^\/auth\/(sign-in|callback|password|saml\/[^/]+\/(acs|finish|metadata))(\/|$)/.test(request.path))
        await consume(signIns, request.sourceAddress, 'too many sign-ins from this address');
      if (/^\/auth\/(backchannel-logout|saml\/[^/]+\/logout)(\/|$)/.test(request.path))
        await consume(logouts, request.sourceAddress, 'too many logouts from this address');
    },
    guesses: guessesOf('key', LIMITS.wrongKeys, 'too many wrong API keys from this address'),
    breakGlassGuesses: guessesOf('break-glass', LIMITS.wrongBreakGlass, 'too many wrong passwords from this address'),
    linkGuesses: guessesOf('link', LIMITS.wrongLinks, 'too many wrong links from this address'),
    hookGuesses: guessesOf('hook', LIMITS.wrongKeys, 'too many wrong tokens from this address'),
    passwordGuesses: guessesOf('password', LIMITS.wrongPasswords, 'too many wrong passwords from this address'),
    write: (person) => consume(writes, person, 'too many changes in a minute'),
  };
}
