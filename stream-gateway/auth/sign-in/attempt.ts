// One attempt to sign in, whatever it is made with: somebody comes in or is refused, and either is one event.
import type { Request, Response } from 'express';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import { localsOf } from '../../http/locals.ts';
import { toStreamSpaceError } from '../../http/problem.ts';
import type { TakenSignIn } from '../../store/pending-sign-ins.ts';
import { clearCookie, cookieSecret, PENDING_COOKIE, SIGN_IN_COOKIE } from '../cookies.ts';
import { keptUserAgent } from './browser-name.ts';
import { type KeepSignInPorts, keepSignIn } from './keep-sign-in.ts';
import { resumeSignIn } from './pending.ts';
import type { SignedIn, SignInProof } from './provider.ts';
import type { Way } from './providers.ts';

export interface AttemptPorts extends KeepSignInPorts {
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly publicUrl: string;
}

export interface Asked {
  readonly signedIn: SignedIn;
  readonly returnTo: string;
}

export type PendingOfBrowser = TakenSignIn & { readonly proof: SignInProof };

/** How far the clock of a provider may be behind ours where it has to have asked for credentials after it was told to. */
const FRESH_SKEW_MS = 60_000;

export class SignInAttempts {
  readonly #ports: AttemptPorts;
  readonly #pendingCookie;
  readonly #signInCookie;

  constructor(ports: AttemptPorts) {
    this.#ports = ports;
    const secure = ports.publicUrl.startsWith('https:');
    this.#pendingCookie = { secure, path: '/auth' };
    this.#signInCookie = { secure, path: '/' };
  }

  /** Signs in whoever `ask` gives; both outcomes are audited, with the provider. @returns where to go on */
  async run(way: Way, req: Request, res: Response, ask: () => Promise<Asked>): Promise<string> {
    let signedIn: SignedIn | undefined;
    try {
      const asked = await ask();
      signedIn = asked.signedIn;
      const old = cookieSecret(req.headers.cookie, SIGN_IN_COOKIE, this.#signInCookie);
      const from = { address: localsOf(res).sourceAddress, userAgent: keptUserAgent(req.headers['user-agent']) };
      const next = await keepSignIn(this.#ports, way, signedIn, { old, returnTo: asked.returnTo, ...from });
      const type = next.waiting ? 'signin.waiting' : 'signin.succeeded';
      await this.record(res, { type, actor: signedIn.person.name, result: 'success', details: { provider: way.name } });
      for (const cookie of next.cookies) res.append('Set-Cookie', cookie);
      res.append('Set-Cookie', clearCookie(PENDING_COOKIE, this.#pendingCookie));
      return next.location;
    } catch (error) {
      await this.refused(res, way, error, signedIn);
      throw error;
    }
  }

  /** The one event of a sign-in that failed; why, where the code alone does not say it. */
  async refused(res: Response, way: Pick<Way, 'name'>, error: unknown, signedIn?: SignedIn): Promise<void> {
    const { code, facts } = toStreamSpaceError(error);
    const object = signedIn === undefined ? {} : { object: `Person/${signedIn.person.name}` };
    const { why } = facts;
    const details = { code, ...(typeof why === 'string' ? { why } : {}), provider: way.name };
    await this.record(res, { type: 'signin.failed', actor: null, result: 'refused', ...object, details });
  }

  async record(res: Response, event: AuditEvent): Promise<void> {
    const { sourceAddress, requestId } = localsOf(res);
    await this.#ports.audit({ ...event, sourceAddress, requestId });
  }

  /** What this browser has begun at this provider, once. @throws StreamSpaceError `SignInFailed` */
  async takePending(req: Request, { name }: Way): Promise<PendingOfBrowser> {
    const state = typeof req.query['state'] === 'string' ? req.query['state'] : '';
    const browserSecret = cookieSecret(req.headers.cookie, PENDING_COOKIE, this.#pendingCookie);
    const pending = browserSecret === undefined ? undefined : await resumeSignIn(this.#ports.db, browserSecret, state, name);
    if (pending !== undefined) return pending;
    throw new StreamSpaceError('SignInFailed', 'this sign-in was not begun in this browser, has been used, or took too long');
  }
}

/**
 * Where the provider was told to ask for credentials, it has to have done so since.
 * @throws StreamSpaceError `ReauthenticationMissing`
 */
export function requireFresh(
  { fresh, begunAt }: Pick<TakenSignIn, 'fresh' | 'begunAt'>,
  { atProvider: { authenticatedAt } }: Pick<SignedIn, 'atProvider'>,
): void {
  if (!fresh) return;
  if (authenticatedAt !== undefined && authenticatedAt.getTime() >= begunAt.getTime() - FRESH_SKEW_MS) return;
  const message =
    authenticatedAt === undefined
      ? 'the identity provider does not say when it asked for credentials'
      : 'the identity provider let you through without asking for credentials again';
  throw new StreamSpaceError('ReauthenticationMissing', message);
}
