// The whole of HTTP in order: facts, headers, health, guards, sign-in, API, page, errors.
import express, { type Express, type RequestHandler, type Router } from 'express';
import { answeredRequest } from '../../runtime/kube/audit-id.ts';
import type { Logger } from '../../runtime/log/log.ts';
import type { Histogram } from '../../runtime/metrics/metrics.ts';
import { errorHandler } from './error-handler.ts';
import { type Guard, passGuards } from './guards.ts';
import { localsOf, setLocals } from './locals.ts';
import { privateOnly } from './metrics-guard.ts';
import { factsOf, requestIdOf, sourceAddressOf, type TrustProxy } from './request-facts.ts';
import { type SecurityHeaderOptions, securityHeaders } from './security-headers.ts';

export interface AppPorts {
  readonly headers: SecurityHeaderOptions;
  readonly guards: readonly Guard[];
  readonly health: Router;
  /** For programs that bring their own proof; before the guards, which are about browsers. */
  readonly hooks?: Router;
  readonly auth: Router;
  readonly api: Router;
  readonly page: Router;
  readonly log: Logger;
  /** Labels: method, status (its class). */
  readonly duration: Histogram;
  /** Addresses of proxies whose `X-Forwarded-For` is believed; empty: none. */
  readonly trustedProxies: readonly string[];
}

const MAX_BODY_BYTES = 256 * 1024;

export function createApp(ports: AppPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  // A list of JSON is made for each person; its hash would cost more than it saves.
  app.disable('etag');
  app.set('trust proxy', [...ports.trustedProxies]);
  // `?a[b]=c` is no object here.
  app.set('query parser', 'simple');
  app.use(facts(trustOf(app)), observe(ports));
  app.use(securityHeaders(ports.headers));
  app.use('/metrics', privateOnly);
  app.use(ports.health);
  if (ports.hooks !== undefined) app.use(ports.hooks);
  app.use(async (_req, res, next) => {
    await passGuards(ports.guards, localsOf(res));
    next();
  });
  app.use('/auth', ports.auth);
  app.use(
    '/api/v1',
    express.json({ limit: MAX_BODY_BYTES, type: ['application/json', 'application/merge-patch+json'] }),
    ports.api,
  );
  app.use(ports.page);
  app.use(errorHandler({ log: ports.log, publicUrl: ports.headers.publicUrl }));
  return app;
}

/** What Express made of the trusted proxies, so that an upgrade is judged the same. */
export function trustOf(app: Express): TrustProxy {
  return app.get('trust proxy fn') as TrustProxy;
}

function facts(trust: TrustProxy): RequestHandler {
  return (req, res, next) => {
    const requestId = requestIdOf(req.headers);
    setLocals(res, factsOf('request', req, sourceAddressOf(req, trust), requestId));
    res.setHeader('X-Request-Id', requestId);
    answeredRequest.run(requestId, next);
  };
}

/** One line at debug, one observation. The path is no label: it holds names. */
function observe({ log, duration }: AppPorts): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    res.once('close', () => {
      const seconds = (performance.now() - startedAt) / 1000;
      const { requestId, path } = localsOf(res);
      const watched = String(res.getHeader('content-type') ?? '').startsWith('text/event-stream');
      if (!watched) duration.observe({ method: req.method, status: `${Math.floor(res.statusCode / 100)}xx` }, seconds);
      log.debug({ requestId, method: req.method, path, status: res.statusCode, ms: Math.round(seconds * 1000) }, 'request');
    });
    next();
  };
}
