// Password hashes (scrypt) and a brake for those who guess. Used by the identity provider and by the Git server.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const BYTES = 32;

/** `salt:hash`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}:${(await derive(password, salt, BYTES)).toString('base64url')}`;
}

/** About 50 ms on purpose. `undefined` for an unknown name takes as long and is false. */
export async function verifyPassword(password: string, hashed: string | undefined): Promise<boolean> {
  const [salt = '', hash = ''] = (hashed ?? '').split(':');
  const expected = Buffer.from(hash, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), BYTES);
  return expected.length === BYTES && timingSafeEqual(actual, expected);
}

const FREE_TRIES = 5;
const MAX_WAIT_MS = 30_000;
const FORGET_AFTER_MS = 15 * 60_000;
/** Guessing with made-up names must not fill the memory; the oldest go first. */
const MAX_NAMES = 1_000;

/** Counts wrong passwords by name. The first five cost nothing, then each doubles the wait: 1 s, 2 s ... 30 s. */
export class Brake {
  readonly #now: () => number;
  readonly #names = new Map<string, { failures: number; at: number }>();

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long this name must wait before its next try; 0 for at once. */
  waitMs(name: string): number {
    const entry = this.#names.get(name);
    if (entry === undefined || entry.failures < FREE_TRIES) return 0;
    const waitMs = Math.min(MAX_WAIT_MS, 1_000 * 2 ** Math.min(entry.failures - FREE_TRIES, 10));
    return Math.max(0, entry.at + waitMs - this.#now());
  }

  failed(name: string): void {
    const entry = this.#names.get(name);
    const fresh = entry !== undefined && this.#now() - entry.at < FORGET_AFTER_MS;
    this.#names.delete(name);
    this.#names.set(name, { failures: fresh ? entry.failures + 1 : 1, at: this.#now() });
    if (this.#names.size > MAX_NAMES) {
      const [oldest] = this.#names.keys();
      if (oldest !== undefined) this.#names.delete(oldest);
    }
  }

  succeeded(name: string): void {
    this.#names.delete(name);
  }
}
