// Who is at the door of the Git server, by HTTP basic authentication (RFC 7617).
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Brake, verifyPassword } from '../people/password.ts';
import type { GitServerConfig } from './config.ts';

export type Account = GitServerConfig['users'][number];

export type Admission =
  | { readonly kind: 'admitted'; readonly account: Account }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly waitMs: number };

export function parseBasic(header: string | undefined): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]{1,1024})$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

export class Accounts {
  readonly #byName: ReadonlyMap<string, Account>;
  readonly #brake: Brake;
  /** A clone is three requests with the same password: the slow hash is computed for the first only. */
  readonly #proven = new Map<string, Buffer>();
  readonly #key = randomBytes(32);

  constructor(accounts: readonly Account[], now: () => number) {
    this.#byName = new Map(accounts.map((account) => [account.name, account]));
    this.#brake = new Brake(now);
  }

  async admit(authorization: string | undefined): Promise<Admission> {
    // git asks without a password first; that is no wrong try.
    if (authorization === undefined) return { kind: 'anonymous' };
    const given = parseBasic(authorization);
    if (given === undefined) return { kind: 'wrong' };
    const account = this.#byName.get(given.name);
    const digest = createHmac('sha256', this.#key).update(given.password).digest();
    const proven = this.#proven.get(given.name);
    if (account !== undefined && proven !== undefined && timingSafeEqual(digest, proven)) return { kind: 'admitted', account };
    const waitMs = this.#brake.waitMs(given.name);
    if (waitMs > 0) return { kind: 'wait', waitMs };
    if (!(await verifyPassword(given.password, account?.passwordHash)) || account === undefined) {
      this.#brake.failed(given.name);
      return { kind: 'wrong' };
    }
    this.#brake.succeeded(given.name);
    this.#proven.set(given.name, digest);
    return { kind: 'admitted', account };
  }
}
