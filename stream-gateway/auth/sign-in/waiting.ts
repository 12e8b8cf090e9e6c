// From the identity provider to a sign-in: at once, or by way of a second factor.
import type { IncomingHttpHeaders } from 'node:http';
import type { Queryable } from '../../../runtime/db/database.ts';
import { factorsOf, methodsOf } from '../../store/factors.ts';
import type { Person } from '../../store/people.ts';
import { type AtProvider, createSignIn, type SignInLimits } from '../../store/sign-ins.ts';
import { findWaiting, saveWaiting, takeWaiting, type WaitingSignIn } from '../../store/waiting-sign-ins.ts';
import { clearCookie, cookieSecret, SIGN_IN_COOKIE, setCookie, WAITING_COOKIE } from '../cookies.ts';
import type { Identity } from '../identity.ts';
import { deriveSecret, newSecret, sha256 } from '../secrets.ts';
import type { SignInPolicies } from './sign-in-policies.ts';

/** Time to find the phone, or to enrol a factor. */
const WAITING_TTL_MS = 15 * 60_000;
/** The page that asks for it. */
const FACTOR_PATH = '/second-factor';
const WAITING_PATH = '/api/v1';
const PREFIX = 'waiting:';

export interface SignInStepPorts {
  readonly policies: Pick<SignInPolicies, 'decide'>;
  /** As the gateway is set; policies may shorten them. */
  readonly limits: SignInLimits;
  readonly publicUrl: string;
}

export interface Confirmed {
  readonly person: Person;
  /** Sealed. */
  readonly refreshToken: Buffer | undefined;
  readonly atProvider: AtProvider;
  readonly returnTo: string;
  readonly address: string;
  readonly userAgent?: string | undefined;
}

export interface NextStep {
  readonly waiting: boolean;
  readonly cookies: readonly string[];
  readonly location: string;
}

export class SignInSteps {
  readonly #ports: SignInStepPorts;
  readonly #signInCookie;
  readonly #waitingCookie;

  constructor(ports: SignInStepPorts) {
    this.#ports = ports;
    const secure = ports.publicUrl.startsWith('https:');
    this.#signInCookie = { secure, path: '/' };
    this.#waitingCookie = { secure, path: WAITING_PATH };
  }

  /** The identity provider said who it is. @param tx one transaction @throws SignInPolicyUnknown */
  async confirmed(tx: Queryable, { returnTo, ...browser }: Confirmed): Promise<NextStep> {
    const { person, address, refreshToken, atProvider, userAgent } = browser;
    const { required, trusted, secondFactor } = this.#ports.policies.decide(person, address);
    const enrolled = secondFactor === 'Off' || trusted ? [] : methodsOf(await factorsOf(tx, person.name));
    if (!required && enrolled.length === 0)
      return {
        waiting: false,
        location: returnTo,
        cookies: await this.#signIn(tx, { ...browser, proven: false }),
      };
    const secret = newSecret();
    await saveWaiting(
      tx,
      { person: person.name, secretHash: sha256(secret), ...{ refreshToken, atProvider, userAgent, returnTo } },
      WAITING_TTL_MS,
    );
    const cookie = setCookie(WAITING_COOKIE, secret, { ...this.#waitingCookie, maxAgeMs: WAITING_TTL_MS });
    return { waiting: true, location: FACTOR_PATH, cookies: [cookie] };
  }

  /** The factor was given. @param tx one transaction @returns undefined where it has ended, or was finished by another request */
  async finish(
    tx: Queryable,
    { id, returnTo, refreshToken, ...waiting }: WaitingSignIn,
    address: string,
  ): Promise<NextStep | undefined> {
    if (!(await takeWaiting(tx, id))) return undefined;
    const cookies = await this.#signIn(tx, { ...waiting, refreshToken: refreshToken ?? undefined, address, proven: true });
    return { waiting: false, location: returnTo, cookies: [...cookies, clearCookie(WAITING_COOKIE, this.#waitingCookie)] };
  }

  async #signIn(
    tx: Queryable,
    { person, refreshToken, atProvider, address, userAgent, proven }: Omit<Confirmed, 'returnTo'> & { readonly proven: boolean },
  ): Promise<readonly string[]> {
    const { maxSeconds = Number.POSITIVE_INFINITY, idleSeconds = Number.POSITIVE_INFINITY } = this.#ports.policies.decide(
      person,
      address,
    );
    const absoluteMs = Math.min(this.#ports.limits.absoluteMs, maxSeconds * 1_000);
    const idleMs = Math.min(this.#ports.limits.idleMs, idleSeconds * 1_000);
    const secret = newSecret();
    await createSignIn(
      tx,
      { person: person.name, secretHash: sha256(secret), ...{ refreshToken, atProvider, address, userAgent, proven } },
      { absoluteMs, idleMs },
    );
    return [setCookie(SIGN_IN_COOKIE, secret, { ...this.#signInCookie, maxAgeMs: absoluteMs })];
  }
}

/** Who waits for a second factor: good for the few routes that say so, and for nothing else. */
export async function waitingIdentity(
  db: Queryable,
  headers: IncomingHttpHeaders,
  secure: boolean,
): Promise<Identity | undefined> {
  const secret = cookieSecret(headers.cookie, WAITING_COOKIE, { secure, path: WAITING_PATH });
  const waiting = secret === undefined ? undefined : await findWaiting(db, sha256(secret));
  if (secret === undefined || waiting === undefined) return undefined;
  const csrfToken = deriveSecret(secret, 'csrf');
  return { via: 'sign-in', person: waiting.person, credential: `${PREFIX}${waiting.id}`, csrfToken };
}

/** The waiting sign-in of such an identity; undefined of any other. */
export async function waitingOf(db: Queryable, { credential }: Identity): Promise<WaitingSignIn | undefined> {
  return credential.startsWith(PREFIX) ? await findWaiting(db, credential.slice(PREFIX.length)) : undefined;
}
