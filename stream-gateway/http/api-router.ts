// From the table of routes to a router: authenticate, check CSRF and limits, run, audit, answer.
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { ApiScope } from '../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Identity } from '../auth/identity.ts';
import { scopesAllow } from '../auth/keys/key-limits.ts';
import { sameSecret } from '../auth/secrets.ts';
import type { RequireStepUp } from '../auth/step-up.ts';
import { AuditedRefusal } from './audited-refusal.ts';
import { localsOf } from './locals.ts';
import { NOBODY } from './nobody.ts';
import { toStreamSpaceError } from './problem.ts';
import { changesSomething } from './request-facts.ts';
import { type Answer, type BytesAnswer, type Route, type Streaming, scopeOf } from './route.ts';

export interface ApiRouterPorts {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  /** Who waits for his second factor; only routes that say so ask. */
  readonly waiting: Authenticate;
  readonly stepUp: RequireStepUp;
  readonly audit: (event: AuditEvent) => Promise<void>;
  /** @throws StreamSpaceError `RateLimited` */
  readonly limitWrites: (person: string) => Promise<void>;
}

export function apiRouter(ports: ApiRouterPorts): Router {
  const router = Router();
  for (const route of ports.routes) router[route.method](pathOf(route), handlerOf(route, ports));
  for (const [path, methods] of methodsByPath(ports.routes)) {
    const allow = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
    router.all(path, (_req, res) => {
      res.setHeader('Allow', allow.join(', ')); // RFC 9110, 15.5.6
      throw new StreamSpaceError('MethodNotAllowed', `here are ${allow.join(', ')}`);
    });
  }
  router.use((_req, _res) => {
    throw new StreamSpaceError('NotFound', 'the API has no such address');
  });
  return router;
}

function pathOf({ path }: Route): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const route of routes) found.set(pathOf(route), [...(found.get(pathOf(route)) ?? []), route.method.toUpperCase()]);
  return found;
}

function handlerOf(route: Route, ports: ApiRouterPorts): RequestHandler {
  const scope = scopeOf(route);
  return async (req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    let identity: Identity | undefined;
    let answer: Answer | Streaming | BytesAnswer;
    try {
      identity = await identify(route, res, ports);
      tellEnd(identity, res);
      requireScope(identity, scope);
      answer = await run(route, identity, req, res, ports);
    } catch (thrown) {
      const error = toStreamSpaceError(thrown);
      // Nobody was recognised: a wrong key has its own event, and who brings nothing is no event at all.
      if (identity !== undefined) await audit(route, identity, req, res, ports, error);
      throw error;
    }
    if (typeof answer === 'function') return await answer(res);
    await using bytes = 'send' in answer ? answer : undefined;
    if (route.audit !== undefined) {
      const { object = route.objectOf(req.params), details, actor, type = route.audit } = answer.audited ?? {};
      const event = eventOf(type, 'success', identity, res, object, details);
      await ports.audit(actor === undefined ? event : { ...event, actor });
    }
    if (bytes !== undefined) return await bytes.send(res);
    if ('send' in answer) return;
    for (const [name, value] of Object.entries(answer.headers ?? {})) res.setHeader(name, value);
    res.status(answer.status);
    if (answer.body === undefined) res.end();
    else res.json(answer.body);
  };
}

async function identify(route: Route, res: Response, ports: ApiRouterPorts): Promise<Identity> {
  if (route.public === true) return NOBODY;
  const waiting = route.waiting === undefined ? undefined : await ports.waiting(localsOf(res));
  if (waiting !== undefined) return waiting;
  const identity = await ports.authenticate(localsOf(res));
  if (identity === undefined && route.public === 'knownIfSignedIn') return NOBODY;
  if (identity === undefined) throw new StreamSpaceError('SignInRequired', 'nobody is signed in');
  return identity;
}

async function run(
  route: Route,
  identity: Identity,
  req: Request,
  res: Response,
  ports: ApiRouterPorts,
): Promise<Answer | Streaming | BytesAnswer> {
  if (changesSomething(req.method)) {
    requireCsrf(identity, req);
    await ports.limitWrites(identity === NOBODY ? `address ${localsOf(res).sourceAddress}` : identity.person.name);
  }
  await requireStepUp(route, identity, req, res, ports);
  const gone = new AbortController();
  res.once('close', () => gone.abort(new Error('the client went away')));
  return await route.run({
    identity,
    params: req.params,
    query: req.query,
    body: req.body as unknown,
    headers: req.headers,
    sourceAddress: localsOf(res).sourceAddress,
    incoming: req,
    signal: gone.signal,
  });
}

/** As the route declares it; where its handler asks, that knows more. */
async function requireStepUp(
  route: Route,
  identity: Identity,
  req: Request,
  res: Response,
  ports: ApiRouterPorts,
): Promise<void> {
  if (route.stepUp === undefined || route.stepUp.askedBy === 'handler') return;
  const namespace = typeof req.params['namespace'] === 'string' ? req.params['namespace'] : undefined;
  await ports.stepUp(identity, localsOf(res).sourceAddress, { for: route.stepUp.for, namespace });
}

/**
 * When the key or token ends. Of the fields of HTTP this is the one that is about accepted credentials (RFC 9110, 11.6.3);
 * `Sunset` (RFC 8594) and `Deprecation` (RFC 9745) say that the address is about to go away.
 */
function tellEnd(identity: Identity, res: Response): void {
  if (identity.via === 'sign-in' || identity === NOBODY) return;
  res.setHeader('Authentication-Info', `expires="${identity.expiresAt.toISOString()}"`);
}

/** An API key may be narrowed to less than its owner may. */
function requireScope(identity: Identity, scope: ApiScope): void {
  if (identity.via !== 'api-key' || identity === NOBODY || scopesAllow(identity.scopes, scope)) return;
  throw new StreamSpaceError('Forbidden', `this API key has not the scope ${scope}`);
}

/** A cookie travels with requests that other pages cause; this header does not. */
function requireCsrf(identity: Identity, req: Request): void {
  if (identity.via !== 'sign-in') return;
  const given = req.get('x-csrf-token');
  if (given === undefined || !sameSecret(given, identity.csrfToken))
    throw new StreamSpaceError('CsrfInvalid', 'the header X-CSRF-Token is missing or belongs to another sign-in');
}

/** A refusal is an event whatever was asked for; any other failure only where something was to change. */
async function audit(
  route: Route,
  identity: Identity,
  req: Request,
  res: Response,
  ports: ApiRouterPorts,
  error: StreamSpaceError,
): Promise<void> {
  if (error instanceof AuditedRefusal) {
    const { type, details } = error.audited;
    const known = { ...details, code: error.code, operation: route.operationId };
    return await ports.audit(eventOf(type, 'refused', identity, res, route.objectOf(req.params), known));
  }
  const refused = error.entry.category === 'forbidden' || (route.refused !== undefined && error.entry.category === 'limit');
  if (!refused && route.audit === undefined) return;
  const details = { code: error.code, operation: route.operationId };
  await ports.audit(
    eventOf(
      refused ? refusedAs(route, error) : (route.audit ?? 'request.refused'),
      refused ? 'refused' : 'failure',
      identity,
      res,
      route.objectOf(req.params),
      details,
    ),
  );
}

/** Who has no right at all is refused as everywhere. */
function refusedAs(route: Route, error: StreamSpaceError): AuditEvent['type'] {
  return error.code === 'Forbidden' ? 'request.refused' : (route.refused ?? 'request.refused');
}

function eventOf(
  type: AuditEvent['type'],
  result: AuditEvent['result'],
  identity: Identity,
  res: Response,
  object: string | undefined,
  details: AuditEvent['details'],
): AuditEvent {
  const { sourceAddress, requestId } = localsOf(res);
  return {
    type,
    actor: identity === NOBODY ? null : identity.person.name,
    result,
    sourceAddress,
    requestId,
    ...(object === undefined ? {} : { object }),
    ...(details === undefined ? {} : { details }),
  };
}
