// Limits by address and by person, in the memory of one replica: with N replicas they are N times as wide, which is
// still narrow enough to guess nothing.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { blockAround, formatCidr, parseAddress, unmapped } from '../../schemas/kinds/cidr.ts';
import type { KeyGuesses } from '../auth/authenticate.ts';
import type { PasswordGuesses } from '../auth/routes.ts';
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
  readonly passwordGuesses: PasswordGuesses;
  /** @throws StreamSpaceError `RateLimited` */
  write(person: string): Promise<void>;
}

export type GuessKind = 'api-keys' | 'break-glass' | 'links' | 'hook-tokens' | 'passwords';

/** The beginning of a time in which an address is refused. */
export interface Ban {
  readonly of: GuessKind;
  readonly address: string;
  /** What is refused: an address, or of IPv6 the block that one customer has. */
  readonly network: string;
  readonly seconds: number;
}

/** Of one IPv6 customer at least (RFC 6177): whoever has a block has all of its addresses. */
const IPV6_PREFIX = 64;

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
  /**
   * Passwords tried for one name from one address in half an hour until one is right. The directory hears of no more: the fifth that is wrong locks
   * the account where it locks early, and so anybody could lock out a colleague.
   */
  passwordsOfName: { points: 4, duration: 1_800, blockDuration: 1_800 },
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

interface Limit {
  readonly points: number;
  readonly duration: number;
  readonly blockDuration: number;
}

interface Guesses {
  check(key: string): Promise<void>;
  /** @returns whether the ban begins with it */
  wrong(key: string): Promise<boolean>;
}

function guessesBy(keyPrefix: string, limit: Limit, message: string): Guesses {
  const wrong = new RateLimiterMemory({ keyPrefix, ...limit });
  return {
    async check(key) {
      const known = await wrong.get(key);
      if (known !== null && known.consumedPoints > limit.points) throw limited(known, message);
    },
    async wrong(key) {
      // The one too many begins the ban; this request is refused for its guess, the next for the ban.
      const { consumedPoints } = await wrong.consume(key).catch((left: RateLimiterRes) => left);
      return consumedPoints === limit.points + 1;
    },
  };
}

/** @returns of IPv6 the /64 */
function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return address;
  const plain = unmapped(parsed);
  return plain.family === 4 ? address : formatCidr(blockAround(plain, IPV6_PREFIX));
}

/** @param banned told of each ban when it begins */
export function createRateLimits(banned: (ban: Ban) => void): RateLimits {
  const signIns = new RateLimiterMemory({ keyPrefix: 'sign-in', ...LIMITS.signIns });
  const logouts = new RateLimiterMemory({ keyPrefix: 'logout', ...LIMITS.logouts });
  const writes = new RateLimiterMemory({ keyPrefix: 'write', ...LIMITS.writes });
  const guessesOf = (of: GuessKind, limit: Limit, message: string): KeyGuesses => {
    const guesses = guessesBy(of, limit, message);
    return {
      check: (address) => guesses.check(networkOf(address)),
      async wrong(address) {
        const network = networkOf(address);
        if (await guesses.wrong(network)) banned({ of, address, network, seconds: limit.blockDuration });
      },
    };
  };
  const passwords = guessesOf('passwords', LIMITS.wrongPasswords, 'too many wrong passwords from this address');
  const ofName = new RateLimiterMemory({ keyPrefix: 'name', ...LIMITS.passwordsOfName });
  const nameKey = (address: string, name: string): string => `${networkOf(address)} ${name.trim().toLowerCase()}`;
  return {
    guard: async (request) => {
      const network = networkOf(request.sourceAddress);
      if (/^\/auth\/(sign-in|callback|password|saml\/[^/]+\/(acs|finish|metadata))(\/|$)/.test(request.path))
        await consume(signIns, network, 'too many sign-ins from this address');
      if (/^\/auth\/(backchannel-logout|saml\/[^/]+\/logout)(\/|$)/.test(request.path))
        await consume(logouts, network, 'too many logouts from this address');
    },
    guesses: guessesOf('api-keys', LIMITS.wrongKeys, 'too many wrong API keys from this address'),
    breakGlassGuesses: guessesOf('break-glass', LIMITS.wrongBreakGlass, 'too many wrong passwords from this address'),
    linkGuesses: guessesOf('links', LIMITS.wrongLinks, 'too many wrong links from this address'),
    hookGuesses: guessesOf('hook-tokens', LIMITS.wrongKeys, 'too many wrong tokens from this address'),
    passwordGuesses: {
      async attempt(address, name, work, isWrong) {
        await passwords.check(address);
        const key = nameKey(address, name);
        // Before it is known to be wrong: or many could be tried at once.
        await consume(ofName, key, 'too many passwords were tried for this name from this address');
        try {
          const result = await work();
          await ofName.delete(key);
          return result;
        } catch (error) {
          if (isWrong(error)) await passwords.wrong(address);
          else await ofName.reward(key);
          throw error;
        }
      },
    },
    write: (person) => consume(writes, person, 'too many changes in a minute'),
  };
}
