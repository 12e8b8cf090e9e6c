// /auth: to the identity provider, back again, and out.
import { json, type Request, type Response, Router, urlencoded } from 'express';
import type { Database } from '../../runtime/db/database.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { localsOf } from '../http/locals.ts';
import { requestInvalid, toStreamSpaceError } from '../http/problem.ts';
import { savePerson } from '../store/people.ts';
import { isLocked } from '../store/person-locks.ts';
import { createSignIn, deleteSignIn, findSignIn, type SignInLimits } from '../store/sign-ins.ts';
import { backChannelLogout } from './back-channel.ts';
import { type BreakGlassPorts, breakGlassSignIn } from './break-glass.ts';
import { keptUserAgent } from './browser-name.ts';
import { clearCookie, cookieSecret, PENDING_COOKIE, SIGN_IN_COOKIE, setCookie } from './cookies.ts';
import { beginSignIn, PENDING_TTL_MS, resumeSignIn } from './pending.ts';
import type { IdentityProvider, SignedIn, SignInProof } from './provider.ts';
import { sameSitePath } from './return-to.ts';
import type { Seal } from './seal.ts';
import { deriveSecret, newSecret, sameSecret, sha256 } from './secrets.ts';
import { takeBackWith } from './take-back.ts';

export interface AuthRouterPorts {
  readonly db: Database;
  readonly provider: Pick<IdentityProvider, 'signInUrl' | 'finish' | 'signOutUrl' | 'revoke' | 'readLogout'>;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly limits: SignInLimits;
  readonly publicUrl: string;
  /** Left out: no refresh token is kept, and groups are those of the last sign-in. */
  readonly seal?: Seal | undefined;
  readonly breakGlass: Pick<BreakGlassPorts, 'file' | 'guesses'>;
}

export function authRouter(ports: AuthRouterPorts): Router {
  const secure = ports.publicUrl.startsWith('https:');
  const pendingCookie = { secure, path: '/auth' };
  const signInCookie = { secure, path: '/' };
  const takeBack = takeBackWith(ports.provider, ports.seal);

  async function signIn(req: Request, res: Response): Promise<void> {
    const returnTo = sameSitePath(typeof req.query['returnTo'] === 'string' ? req.query['returnTo'] : '/');
    if (returnTo === undefined) throw requestInvalid('returnTo must be a path of this site, such as /catalog');
    // Kept when there is one: several tabs may be signing in at the same time.
    const browserSecret = cookieSecret(req.headers.cookie, PENDING_COOKIE) ?? newSecret();
    const url = await ports.provider.signInUrl(await beginSignIn(ports.db, browserSecret, returnTo));
    res.append('Set-Cookie', setCookie(PENDING_COOKIE, browserSecret, { ...pendingCookie, maxAgeMs: PENDING_TTL_MS }));
    res.redirect(303, url.href);
  }

  async function callback(req: Request, res: Response): Promise<void> {
    let signedIn: SignedIn | undefined;
    let returnTo: string;
    try {
      const pending = await takePending(req);
      returnTo = pending.returnTo;
      // As the browser sees it: the provider compares it with what it was sent.
      signedIn = await ports.provider.finish(new URL(req.originalUrl, `${ports.publicUrl}/`), pending.proof);
      await requireUnlocked(signedIn);
    } catch (error) {
      await record(res, {
        type: 'signin.failed',
        actor: null,
        result: 'refused',
        ...(signedIn === undefined ? {} : { object: `Person/${signedIn.person.name}` }),
        details: { code: toStreamSpaceError(error).code },
      });
      throw error;
    }
    const secret = newSecret();
    const { person, account, sid } = signedIn;
    const refreshToken = sealed(signedIn);
    const from = { address: localsOf(res).sourceAddress, userAgent: keptUserAgent(req.headers['user-agent']) };
    await ports.db.transaction(async (tx) => {
      await savePerson(tx, person, account);
      // A new one at each sign-in; the old one is worth nothing from now on.
      const old = cookieSecret(req.headers.cookie, SIGN_IN_COOKIE);
      if (old !== undefined) await deleteSignIn(tx, sha256(old));
      await createSignIn(tx, { person: person.name, secretHash: sha256(secret), refreshToken, sid, ...from }, ports.limits);
    });
    await record(res, { type: 'signin.succeeded', actor: person.name, result: 'success' });
    res.append('Set-Cookie', setCookie(SIGN_IN_COOKIE, secret, { ...signInCookie, maxAgeMs: ports.limits.absoluteMs }));
    res.append('Set-Cookie', clearCookie(PENDING_COOKIE, pendingCookie));
    res.redirect(303, returnTo);
  }

  function sealed({ person, refreshToken }: SignedIn): Buffer | undefined {
    return refreshToken === undefined ? undefined : ports.seal?.close(refreshToken, person.name);
  }

  async function requireUnlocked({ person, account }: SignedIn): Promise<void> {
    if (await isLocked(ports.db, person.name, account)) throw new StreamSpaceError('PersonLocked', `${person.name} is locked`);
  }

  async function takePending(req: Request): Promise<{ readonly proof: SignInProof; readonly returnTo: string }> {
    const state = typeof req.query['state'] === 'string' ? req.query['state'] : '';
    const browserSecret = cookieSecret(req.headers.cookie, PENDING_COOKIE);
    const pending = browserSecret === undefined ? undefined : await resumeSignIn(ports.db, browserSecret, state);
    if (pending !== undefined) return pending;
    throw new StreamSpaceError('SignInFailed', 'this sign-in was not begun in this browser, has been used, or took too long');
  }

  async function signOut(req: Request, res: Response): Promise<void> {
    const secret = cookieSecret(req.headers.cookie, SIGN_IN_COOKIE);
    const body = req.body as { readonly csrfToken?: unknown } | undefined;
    const known = secret === undefined ? undefined : await findSignIn(ports.db, sha256(secret), ports.limits);
    if (secret !== undefined && known !== undefined) {
      const given = req.get('x-csrf-token') ?? body?.csrfToken;
      if (typeof given !== 'string' || !sameSecret(given, deriveSecret(secret, 'csrf')))
        throw new StreamSpaceError('CsrfInvalid', 'the CSRF token is missing or belongs to another sign-in');
      const ended = await deleteSignIn(ports.db, sha256(secret));
      if (ended !== undefined) void takeBack([ended]);
      await record(res, { type: 'signout', actor: known.person.name, result: 'success' });
    }
    res.append('Set-Cookie', clearCookie(SIGN_IN_COOKIE, signInCookie));
    const location = (await ports.provider.signOutUrl())?.href ?? '/';
    // A script cannot follow a redirect to another site: it gets the address, a form gets the redirect.
    if (req.accepts(['html', 'json']) === 'json') res.status(200).json({ location });
    else res.redirect(303, location);
  }

  async function record(res: Response, event: AuditEvent): Promise<void> {
    const { sourceAddress, requestId } = localsOf(res);
    await ports.audit({ ...event, sourceAddress, requestId });
  }

  return Router()
    .use((_req, res, next) => {
      res.setHeader('Cache-Control', 'no-store');
      next();
    })
    .get('/sign-in', signIn)
    .get('/callback', callback)
    .post(
      '/backchannel-logout',
      urlencoded({ extended: false, limit: '16kb', parameterLimit: 10 }),
      backChannelLogout({ ...ports, takeBack, readLogout: (token) => ports.provider.readLogout(token) }),
    )
    .post('/break-glass', json({ limit: '4kb' }), breakGlassSignIn({ ...ports, ...ports.breakGlass }, signInCookie))
    .post('/sign-out', urlencoded({ extended: false, limit: '4kb' }), signOut);
}
