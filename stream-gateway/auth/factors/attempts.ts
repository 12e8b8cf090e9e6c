// How often a code may be guessed, in the memory of one replica as all limits are. Counted before it is looked at, so that guesses
// side by side are no way around it. Nobody can lock out somebody else: what one sign-in guesses wrongly counts against its own
// person and address first, and a person's own limit leaves passkeys and recovery codes, which cannot be guessed.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StreamSpaceError } from '../../../schemas/errors.ts';

export interface Guesser {
  readonly person: string;
  readonly address: string;
  /** `sign-in:<id>` of one who is signed in already: it counts for that alone. `waiting:<id>`: he wants to sign in. */
  readonly credential: string;
}

export const FACTOR_LIMITS = {
  /** Of a person at one address, or of one sign-in, in 15 minutes; then it waits 15. */
  own: { points: 5, duration: 900, blockDuration: 900 },
  /** Of all people at one address who sign in: it takes ten of them to reach it. */
  address: { points: 50, duration: 600, blockDuration: 600 },
  /** Of a person who signs in, over all addresses, in an hour; one-time codes only. */
  person: { points: 30, duration: 3_600, blockDuration: 3_600 },
} as const;

export class FactorAttempts {
  readonly #own = new RateLimiterMemory({ keyPrefix: 'factor', ...FACTOR_LIMITS.own });
  readonly #address = new RateLimiterMemory({ keyPrefix: 'factor-address', ...FACTOR_LIMITS.address });
  readonly #person = new RateLimiterMemory({ keyPrefix: 'factor-person', ...FACTOR_LIMITS.person });

  /**
   * @param isRight looks at the code
   * @returns what it says @throws RateLimited without asking it
   */
  async guess(guesser: Guesser, method: 'Totp' | 'RecoveryCode', isRight: () => Promise<boolean>): Promise<boolean> {
    const { person, address, credential } = guesser;
    const signedIn = credential.startsWith('sign-in:');
    const own = signedIn ? credential : `${person} ${address}`;
    const limits = [
      { limiter: this.#own, key: own },
      ...(signedIn ? [] : [{ limiter: this.#address, key: address }]),
      ...(signedIn || method === 'RecoveryCode' ? [] : [{ limiter: this.#person, key: person }]),
    ];
    for (const { limiter, key } of limits) await consume(limiter, key);
    if (!(await isRight())) return false;
    await this.#own.delete(own);
    for (const { limiter, key } of limits.slice(1)) await limiter.reward(key);
    return true;
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (left) {
    if (!(left instanceof RateLimiterRes)) throw left;
    throw new StreamSpaceError('RateLimited', 'too many wrong codes', { retryAfterMs: Math.max(1_000, left.msBeforeNext) });
  }
}
