// The gateway put together: what is made of what, and the order in which it ends. No rule of the product is here.
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { openDatabase } from '../runtime/db/database.ts';
import { gateDatabase } from '../runtime/db/gated-database.ts';
import { healthRouter } from '../runtime/http/health.ts';
import { createKubeClient } from '../runtime/kube/client.ts';
import type { Logger } from '../runtime/log/log.ts';
import { createRegistry } from '../runtime/metrics/metrics.ts';
import type { AuditEvent } from '../schemas/events.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { CredentialWatch } from './auth/credential-watch.ts';
import { Decisions } from './auth/decisions.ts';
import { IdentityProvider } from './auth/provider.ts';
import { authRouter } from './auth/routes.ts';
import { startConsoles } from './console/start-consoles.ts';
import { startFiles } from './files/start-files.ts';
import { apiRouter } from './http/api-router.ts';
import { createApp, trustOf } from './http/app.ts';
import { createGuards, passGuards } from './http/guards.ts';
import { createHttpMetrics } from './http/http-metrics.ts';
import { WatchHub } from './http/live/hub.ts';
import { pageRouter } from './http/page.ts';
import { createRateLimits } from './http/rate-limits.ts';
import { factsOf, requestIdOf, sourceAddressOf } from './http/request-facts.ts';
import { closeServer, createHttpServer, listen } from './http/server.ts';
import { DeletionLoop } from './recording/library/deletion.ts';
import { recordingStorage } from './recording/service/recording-settings.ts';
import { startRecordings } from './recording/service/start-recordings.ts';
import { gatewayRoutes } from './routes.ts';
import { createDesktopOf } from './sessions/desktop.ts';
import { startFeeds } from './sessions/feeds.ts';
import { followPolicies, SessionPolicies } from './sessions/policies.ts';
import { createPolicyMetrics } from './sessions/policy-metrics.ts';
import { endStreamsWithSessions } from './sessions/session-end.ts';
import { StreamGrants } from './sessions/stream-grants.ts';
import type { GatewaySettings } from './settings.ts';
import { takeSeatFor } from './sharing/entry.ts';
import { startSharing } from './sharing/start-sharing.ts';
import { AuditSpool } from './store/audit-spool.ts';
import { AuditWriter } from './store/audit-writer.ts';
import { cleanUpLoop } from './store/clean-up.ts';
import { liveCredentials } from './store/credentials.ts';
import { ContentJudges } from './stream/content/content-judges.ts';
import { createPixelMetrics } from './stream/pixels/pixel-metrics.ts';
import { PixelWorkers } from './stream/pixels/pixel-workers.ts';
import { createStreamMetrics } from './stream/stream-metrics.ts';
import { StreamRegistry } from './stream/stream-registry.ts';
import { createStreamUpgrade } from './stream/upgrade.ts';

export interface RunningGateway extends AsyncDisposable {
  readonly address: AddressInfo;
}

/** For answers under way and the goodbye of streams; the rest of the ten seconds is for what comes after. */
const DRAIN_MS = 7_000;

/** Listens when it returns; database and API server may still be away. Disposing drains it. */
export async function startGateway(settings: GatewaySettings, log: Logger): Promise<RunningGateway> {
  // Two steps to the end: first nobody new comes in and what lives long ends, then what the answers stood on.
  const draining = new AbortController();
  const ending = new AbortController();
  const registry = createRegistry('gateway');
  const now = (): Date => new Date();

  const db = gateDatabase(openDatabase({ url: settings.databaseUrl, log }), { url: settings.databaseUrl, log });
  const writer = new AuditWriter({ db, spool: new AuditSpool(resolve(settings.spoolDir)), log, now });
  const audit = (event: AuditEvent): Promise<void> => writer.record(event);

  const storage = await recordingStorage(settings.recordings);
  const deletion = new DeletionLoop({ db, objects: storage?.objects, audit, log, now });

  const client = createKubeClient({ kubeconfig: settings.kubeconfig, log });
  const decisions = new Decisions({ client, now: () => performance.now() });
  const feeds = startFeeds({ client, decisions, log, signal: ending.signal });
  const credentials = new CredentialWatch({ live: (list) => liveCredentials(db, list), log });
  const hub = new WatchHub({ credentials, log, signal: draining.signal });

  const auditStream = (event: AuditEvent): void => {
    audit(event).catch((error: unknown) => log.error({ err: error, type: event.type }, 'an audit event is lost'));
  };
  const sharing = startSharing({ db, client, feeds, audit: auditStream, log, now, graceMs: settings.moderatorGraceMs });
  const { shares, presence } = sharing;
  const policies = new SessionPolicies({
    audit: auditStream,
    log,
    now: () => performance.now(),
    feedAgeMs: feeds.sessionsAgeMs,
  });
  followPolicies(feeds.sessions, policies);
  createPolicyMetrics(registry, () => policies.staleSeconds());
  const files = startFiles({ settings, client, decisions, policies, registry, now: () => performance.now() });

  const rateLimits = createRateLimits();
  const publicOrigins = [settings.publicUrl];
  const guards = createGuards({ publicOrigins, draining: () => draining.signal.aborted, limit: rateLimits.guard });
  const limits = settings.signIn;
  const { duration } = createHttpMetrics(registry, { watchedLists: () => hub.size, auditWaits: () => !writer.upToDate });
  const app = createApp({
    headers: { publicUrl: settings.publicUrl, issuer: settings.provider.issuer },
    guards,
    health: healthRouter({
      registry,
      checks: { migrated: () => db.migrated, lists: feeds.ready },
      draining: () => draining.signal.aborted,
    }),
    auth: authRouter({
      db,
      provider: new IdentityProvider(settings.provider, log),
      audit,
      limits,
      publicUrl: settings.publicUrl,
    }),
    api: apiRouter({
      routes: gatewayRoutes({
        ...{ client, db, decisions, feeds, hub, now, audit, publicUrl: settings.publicUrl },
        ...{ shares, presence, linkGuesses: rateLimits.linkGuesses, files: files.ports },
        recordings: { objects: storage?.objects, wakeDeletion: () => deletion.wake() },
      }),
      authenticate: createAuthenticator({ db, audit, guesses: rateLimits.guesses, limits }),
      audit,
      limitWrites: rateLimits.write,
    }),
    page: pageRouter(resolve(settings.webDir)),
    log,
    duration,
    trustedProxies: settings.trustedProxies,
  });

  const grants = new StreamGrants({ db, client, decisions, credentials, shares, log });
  const streams = new StreamRegistry();
  endStreamsWithSessions(feeds.sessions, streams);
  const desktopOf = createDesktopOf(client);
  const recordings = startRecordings({
    ...{ storage, spoolDir: resolve(settings.spoolDir), db, client, feeds, desktopOf, streams, registry, log },
    audit: auditStream,
  });
  const judges = new ContentJudges();
  const pixels = new PixelWorkers();
  createPixelMetrics(registry, () => pixels.streams);
  const trust = trustOf(app);
  const server = createHttpServer(app);
  const door = {
    publicOrigins: new Set(publicOrigins),
    publicUrl: settings.publicUrl,
    guard: (req: IncomingMessage) =>
      passGuards(guards, factsOf('upgrade', req, sourceAddressOf(req, trust), requestIdOf(req.headers))),
    addressOf: (req: IncomingMessage) => sourceAddressOf(req, trust),
    ...{ judge: judges.judge, log, signal: draining.signal },
  };
  const consoles = startConsoles({
    ...{ ...door, kubeconfig: settings.kubeconfig, client, policies, feeds, grants, registry },
    ...{ audit: auditStream, now: () => performance.now() },
  });
  const openStream = createStreamUpgrade({
    ...door,
    redeemTicket: (ticket, path) => grants.redeem(ticket, path),
    authorize: (grant) => grants.authorize(grant),
    enter: async ({ namespace, session: name }, person, grant) => {
      const { session, ...desktop } = await desktopOf(namespace, name);
      await recordings.admit(session);
      const held = new DisposableStack();
      try {
        const lease = held.use(policies.enter(session, person));
        held.use(recordings.enter(session, person));
        const seat = held.adopt(await takeSeatFor(sharing, session, grant), (taken) => void presence.leave(taken));
        return { ...lease, desktop, seat, [Symbol.dispose]: () => held.dispose() };
      } catch (error) {
        held.dispose();
        throw error;
      }
    },
    onInput: ({ namespace, session }) => recordings.input(`${namespace}/${session}`),
    pixels,
    audit: (event) => {
      recordings.audited(event);
      auditStream(event);
    },
    metrics: createStreamMetrics(registry),
    registry: streams,
  });
  server.on('upgrade', (request, socket, head) => {
    if (!consoles.upgrade(request, socket, head)) openStream(request, socket, head);
  });

  const loops = [
    db.open(ending.signal),
    writer.replayLoop(ending.signal),
    cleanUpLoop({ db, log, signal: ending.signal }),
    deletion.run(ending.signal),
    credentials.loop(ending.signal),
    grants.loop(ending.signal),
    ...sharing.loops(ending.signal),
    hub.loop(),
    files.loop(ending.signal),
  ];
  async function end(): Promise<void> {
    draining.abort();
    await Promise.all([drain(server, streams), consoles.drained(), hub.ended(), recordings.drain()]);
    await recordings[Symbol.asyncDispose]();
    ending.abort();
    await Promise.allSettled([...loops, feeds.ended]);
    await judges[Symbol.asyncDispose]();
    await pixels[Symbol.asyncDispose]();
    await writer[Symbol.asyncDispose]();
    await db[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  }
  try {
    return { address: await listen(server, settings.listen), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function drain(server: Server, streams: StreamRegistry): Promise<void> {
  await Promise.all([closeServer(server, DRAIN_MS), streams.drained()]);
}
