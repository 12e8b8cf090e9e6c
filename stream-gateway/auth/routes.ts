// /auth: which ways to sign in there are, to the identity provider, back again, and out.
import { json, type Request, type Response, Router, urlencoded } from 'express';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { type PasswordSignedIn, passwordSignIn, type SignInOptions } from '../../schemas/api/sign-in.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { SETTINGS_PROVIDER } from '../../schemas/names.ts';
import { localsOf } from '../http/locals.ts';
import { requestInvalid, toStreamSpaceError } from '../http/problem.ts';
import { deleteSignIn, findSignIn, type SignInLimits } from '../store/sign-ins.ts';
import { type BreakGlassPorts, breakGlassSignIn } from './break-glass/break-glass.ts';
import { clearCookie, cookieSecret, PENDING_COOKIE, SIGN_IN_COOKIE, setCookie } from './cookies.ts';
import { takeBackWith } from './keys/take-back.ts';
import { samlRouter } from './saml/saml-routes.ts';
import { deriveSecret, newSecret, sameSecret, sha256 } from './secrets.ts';
import { type AttemptPorts, requireFresh, SignInAttempts } from './sign-in/attempt.ts';
import { backChannelLogout } from './sign-in/back-channel.ts';
import { beginSignIn, PENDING_TTL_MS } from './sign-in/pending.ts';
import type { GitHubWay, OidcWay, Providers, Way } from './sign-in/providers.ts';
import { sameSitePath } from './sign-in/return-to.ts';

export interface PasswordGuesses {
  /** @param work tries the password @throws StreamSpaceError `RateLimited` without having tried it, and what `work` does */
  attempt<T>(address: string, name: string, work: () => Promise<T>, isWrong: (error: unknown) => boolean): Promise<T>;
}

export interface AuthRouterPorts extends AttemptPorts {
  readonly providers: Pick<Providers, 'offeredAt' | 'find' | 'ofPerson'>;
  readonly limits: SignInLimits;
  readonly passwordGuesses: PasswordGuesses;
  readonly breakGlass: Pick<BreakGlassPorts, 'file' | 'guesses'>;
}

/** A refusal takes at least this long. */
const REFUSAL_MS = 1_000;

export function authRouter(ports: AuthRouterPorts): Router {
  const secure = ports.publicUrl.startsWith('https:');
  const pendingCookie = { secure, path: '/auth' };
  const signInCookie = { secure, path: '/' };
  const takeBack = takeBackWith(ports.providers, ports.seal);
  const publicHost = new URL(ports.publicUrl).hostname;
  const attempts = new SignInAttempts(ports);

  async function signIn(req: Request, res: Response): Promise<void> {
    const returnTo = sameSitePath(typeof req.query['returnTo'] === 'string' ? req.query['returnTo'] : '/');
    if (returnTo === undefined) throw requestInvalid('returnTo must be a path of this site, such as /catalog');
    const fresh = req.query['fresh'] !== undefined;
    const isFree = fresh && req.query['provider'] === undefined;
    const way = (isFree ? await ownWay(req) : undefined) ?? chosenWay(req);
    if (way === undefined) {
      const query = new URLSearchParams({ returnTo, host: req.hostname });
      res.redirect(303, `${ports.publicUrl}/sign-in?${query.toString()}`);
      return;
    }
    // Who came by a host name of a provider goes on at our own: cookies and origins are those of one host.
    if (req.query['provider'] === undefined && way.hostnames.includes(req.hostname) && req.hostname !== publicHost) {
      const query = new URLSearchParams({ returnTo, provider: way.name });
      res.redirect(303, `${ports.publicUrl}/auth/sign-in?${query.toString()}`);
      return;
    }
    if (way.type === 'LDAP') {
      const query = new URLSearchParams({ returnTo, provider: way.name });
      res.redirect(303, `${ports.publicUrl}/sign-in?${query.toString()}`);
      return;
    }
    // Kept when there is one: several tabs may be signing in at the same time.
    const browserSecret = cookieSecret(req.headers.cookie, PENDING_COOKIE, pendingCookie) ?? newSecret();
    const proof = await beginSignIn(ports.db, browserSecret, { returnTo, provider: way.name, fresh });
    const url = await way.source.signInUrl(proof, { fresh });
    res.append('Set-Cookie', setCookie(PENDING_COOKIE, browserSecret, { ...pendingCookie, maxAgeMs: PENDING_TTL_MS }));
    res.redirect(303, url.href);
  }

  /** Who has to show again who he is does so where he has signed in. */
  async function ownWay(req: Request): Promise<Way | undefined> {
    const secret = cookieSecret(req.headers.cookie, SIGN_IN_COOKIE, signInCookie);
    const known = secret === undefined ? undefined : await findSignIn(ports.db, sha256(secret), ports.limits);
    return known === undefined ? undefined : ports.providers.ofPerson(known.person.name);
  }

  /** `undefined`: there are several, and nobody has chosen. */
  function chosenWay(req: Request): Way | undefined {
    const { provider } = req.query;
    if (typeof provider === 'string') return ports.providers.find(provider);
    const [first, ...others] = ports.providers.offeredAt(req.hostname);
    return others.length === 0 ? first : undefined;
  }

  /** Those that the browser comes back from with a code. */
  function codeWay(provider: unknown = SETTINGS_PROVIDER): OidcWay | GitHubWay {
    const way = ports.providers.find(String(provider));
    if (way.type === 'OIDC' || way.type === 'GitHub') return way;
    throw new StreamSpaceError('NotFound', 'nothing is redirected to this way to sign in');
  }

  function oidcWay(provider: unknown): OidcWay {
    const way = codeWay(provider);
    if (way.type === 'OIDC') return way;
    throw new StreamSpaceError('NotFound', 'this way to sign in says nothing of sign-ins that end there');
  }

  function offered(req: Request, res: Response): void {
    const { host, provider } = req.query;
    const ways =
      typeof provider === 'string'
        ? [ports.providers.find(provider)]
        : ports.providers.offeredAt(typeof host === 'string' ? host : req.hostname);
    const items = ways.map(({ name, type, displayName }) => ({ name, type, displayName }));
    res.json({ items } satisfies SignInOptions);
  }

  async function callback(req: Request, res: Response): Promise<void> {
    const way = codeWay(req.params['provider']);
    const location = await attempts.run(way, req, res, async () => {
      const pending = await attempts.takePending(req, way);
      // As the browser sees it: the provider compares it with what it was sent.
      const signedIn = await way.source.finish(new URL(req.originalUrl, `${ports.publicUrl}/`), pending.proof);
      requireFresh(pending, signedIn);
      return { signedIn, returnTo: pending.returnTo };
    });
    res.redirect(303, location);
  }

  async function withPassword(req: Request, res: Response): Promise<void> {
    const { sourceAddress } = localsOf(res);
    const parsed = passwordSignIn.safeParse(req.body);
    if (!parsed.success) throw requestInvalid('name and password are missing or too long');
    const { provider, username, password, returnTo } = parsed.data;
    const way = ports.providers.find(provider);
    const path = sameSitePath(returnTo);
    if (way.type !== 'LDAP' || path === undefined)
      throw requestInvalid('this way to sign in takes no password, or returnTo is no path');
    const earliest = performance.now() + REFUSAL_MS;
    try {
      const signIn = () =>
        attempts.run(way, req, res, async () => ({ signedIn: await way.source.signIn(username, password), returnTo: path }));
      const isWrong = (error: unknown): boolean => toStreamSpaceError(error).code === 'SignInFailed';
      const location = await ports.passwordGuesses.attempt(sourceAddress, username, signIn, isWrong);
      res.json({ location } satisfies PasswordSignedIn);
    } catch (error) {
      // Whether the name is there is not told by the time that a refusal takes either.
      await delay(Math.max(0, earliest - performance.now()), AbortSignal.timeout(2 * REFUSAL_MS)).catch(() => undefined);
      throw error;
    }
  }

  async function signOut(req: Request, res: Response): Promise<void> {
    const secret = cookieSecret(req.headers.cookie, SIGN_IN_COOKIE, signInCookie);
    const body = req.body as { readonly csrfToken?: unknown } | undefined;
    const known = secret === undefined ? undefined : await findSignIn(ports.db, sha256(secret), ports.limits);
    let ended: Awaited<ReturnType<typeof deleteSignIn>>;
    if (secret !== undefined && known !== undefined) {
      const given = req.get('x-csrf-token') ?? body?.csrfToken;
      if (typeof given !== 'string' || !sameSecret(given, deriveSecret(secret, 'csrf')))
        throw new StreamSpaceError('CsrfInvalid', 'the CSRF token is missing or belongs to another sign-in');
      ended = await deleteSignIn(ports.db, sha256(secret));
      if (ended !== undefined) void takeBack([ended]);
      await attempts.record(res, { type: 'signout', actor: known.person.name, result: 'success' });
    }
    res.append('Set-Cookie', clearCookie(SIGN_IN_COOKIE, signInCookie));
    const way = known === undefined ? undefined : ports.providers.ofPerson(known.person.name);
    const { source } = way ?? ports.providers.find(SETTINGS_PROVIDER);
    const location = (await source.signOutUrl(ended?.saml ?? undefined))?.href ?? '/';
    // A script cannot follow a redirect to another site: it gets the address, a form gets the redirect.
    if (req.accepts(['html', 'json']) === 'json') res.status(200).json({ location });
    else res.redirect(303, location);
  }

  return Router()
    .use((_req, res, next) => {
      res.setHeader('Cache-Control', 'no-store');
      next();
    })
    .get('/sign-in', signIn)
    .get('/providers', offered)
    .use('/saml', samlRouter({ ...ports, attempts, takeBack }))
    .get(['/callback', '/callback/:provider'], callback)
    .post('/password', json({ limit: '8kb' }), withPassword)
    .post(
      ['/backchannel-logout', '/backchannel-logout/:provider'],
      urlencoded({ extended: false, limit: '16kb', parameterLimit: 10 }),
      backChannelLogout({ ...ports, takeBack, sourceOf: (provider) => oidcWay(provider).source }),
    )
    .post('/break-glass', json({ limit: '4kb' }), breakGlassSignIn({ ...ports, ...ports.breakGlass }, signInCookie))
    .post('/sign-out', urlencoded({ extended: false, limit: '4kb' }), signOut);
}
