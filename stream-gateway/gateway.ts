// The gateway put together: what is made of what, and the order in which it ends. No rule of the product is here.
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { healthRouter } from '../runtime/http/health.ts';
import type { Logger } from '../runtime/log/log.ts';
import { createRegistry } from '../runtime/metrics/metrics.ts';
import { createCheckpointMetrics } from './audit/checkpoint-metrics.ts';
import { AuditKeeper } from './audit/keeper.ts';
import { startKubernetesAudit } from './audit/kubernetes/start.ts';
import { startAuditSinks } from './audit/sinks/start-sinks.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { keyWarningLoop } from './auth/keys/key-warnings.ts';
import { takeBackWith } from './auth/keys/take-back.ts';
import { authRouter } from './auth/routes.ts';
import { confirmPeople } from './auth/sign-in/confirm-people.ts';
import { OidcProvider } from './auth/sign-in/provider.ts';
import { Providers } from './auth/sign-in/providers.ts';
import { endWithTheirProviders } from './auth/sign-in/removed-providers.ts';
import { startSignIns } from './auth/sign-in/start-sign-ins.ts';
import { waitingIdentity } from './auth/sign-in/waiting.ts';
import { startFiles } from './files/start-files.ts';
import { createHealth } from './health/health.ts';
import { createProbeSocket } from './health/probe-socket.ts';
import { apiRouter } from './http/api-router.ts';
import { createApp, trustOf } from './http/app.ts';
import { createGuards, passGuards } from './http/guards.ts';
import { createHttpMetrics } from './http/http-metrics.ts';
import { WatchHub } from './http/live/hub.ts';
import { pageRouter } from './http/page.ts';
import { createRateLimits } from './http/rate-limits.ts';
import { factsOf, requestIdOf, sourceAddressOf } from './http/request-facts.ts';
import { closeServer, createHttpServer, listen } from './http/server.ts';
import { MachineTokens } from './machines/machine-tokens.ts';
import { startGround } from './process/ground.ts';
import { takeOverSpools } from './process/spool-folders.ts';
import { startStreamService } from './process/stream-service.ts';
import { DeletionLoop } from './recording/library/deletion.ts';
import { recordingStorage } from './recording/service/recording-settings.ts';
import { gatewayRoutes } from './routes.ts';
import { startFeeds } from './sessions/feeds.ts';
import { isNamedIn } from './sessions/teams.ts';
import type { GatewaySettings } from './settings.ts';
import { cleanUpLoop } from './store/clean-up.ts';

export interface RunningGateway extends AsyncDisposable {
  readonly address: AddressInfo;
}

/** For answers under way and the goodbye of streams; the rest of the ten seconds is for what comes after. */
const DRAIN_MS = 7_000;
const MAX_CONNECTIONS = 10;
/** What an earlier process has left in the spool is waited for as long as that may still be draining. */
const TAKE_OVER_MS = 15_000;

/** Listens when it returns; database and API server may still be away. Disposing drains it. */
export async function startGateway(settings: GatewaySettings, log: Logger): Promise<RunningGateway> {
  // Two steps to the end: first nobody new comes in and what lives long ends, then what the answers stood on.
  const draining = new AbortController();
  const ending = new AbortController();
  const registry = createRegistry('gateway');
  const spoolDir = resolve(settings.spoolDir);
  // Whatever may fail, before anything runs.
  const storage = await recordingStorage(settings.recordings);
  await takeOverSpools(spoolDir, settings.streamProcesses, AbortSignal.timeout(TAKE_OVER_MS));

  const ground = startGround({
    ...{ settings, log, registry, spoolDir, maxConnections: MAX_CONNECTIONS },
    ending: ending.signal,
    follow: startFeeds,
  });
  const { db, audit, auditSeen, client, decisions, feeds, machines, credentials, policies, now } = ground;
  const { shares } = ground.sharing;
  const deletion = new DeletionLoop({ db, objects: storage?.objects, audit, log, now });
  const checkpointMetrics = createCheckpointMetrics(registry);
  const keeper = new AuditKeeper({
    ...{ db, storage, keepMonths: settings.auditKeepMonths, audit, log, now },
    policies: ground.auditRetention,
    onFailure: checkpointMetrics.failed,
  });
  checkpointMetrics.readFrom(() => keeper.status, now);
  const sinks = startAuditSinks({ ...{ db, client, registry, log, now }, publicUrl: settings.publicUrl });
  const hub = new WatchHub({ credentials, log, signal: draining.signal });
  const files = startFiles({
    ...{ settings, client, decisions, policies, registry, auditIds: ground.auditIds },
    now: () => performance.now(),
  });

  const rateLimits = createRateLimits(({ of, address, network, seconds }) => {
    const details = { of, network, until: new Date(now().getTime() + seconds * 1_000).toISOString() };
    void audit({ type: 'address.banned', actor: null, result: 'refused', sourceAddress: address, details });
  });
  const publicOrigins = [settings.publicUrl];
  const kubernetesAudit = startKubernetesAudit({
    ...{ settings: settings.kubernetesAudit, client, feeds, audit, record: auditSeen, registry, log, spoolDir },
    guesses: rateLimits.hookGuesses,
    signal: ending.signal,
  });
  const guards = createGuards({ publicOrigins, draining: () => draining.signal.aborted, limit: rateLimits.guard });
  const limits = settings.signIn;
  const secure = settings.publicUrl.startsWith('https:');
  const { issuer } = settings.provider;
  const providers = new Providers({
    settings: { provider: new OidcProvider(settings.provider, log), issuer },
    objects: () => feeds.identityProviders.objects.values(),
    ready: () => feeds.identityProviders.ready,
    ...{ client, publicUrl: settings.publicUrl, log },
  });
  const signIns = startSignIns({ ...{ db, feeds, limits, now }, publicUrl: settings.publicUrl, seal: settings.seal });
  const health = createHealth({
    ...{ db, client, feeds, now, publicUrl: settings.publicUrl },
    elapsed: () => performance.now(),
    settings: { sealed: settings.seal !== undefined, recordings: storage !== undefined },
    checkpoints: () => keeper.status,
  });
  const { duration } = createHttpMetrics(registry, { watchedLists: () => hub.size });
  const app = createApp({
    headers: { publicUrl: settings.publicUrl, issuers: () => providers.issuers() },
    guards,
    health: healthRouter({
      registry: { contentType: registry.contentType, metrics: () => streams.metrics() },
      checks: { migrated: () => db.migrated, lists: feeds.ready, streams: () => streams.isReady() },
      draining: () => draining.signal.aborted,
    }),
    hooks: kubernetesAudit.router,
    auth: authRouter({
      ...{ db, providers, audit, limits, passwordGuesses: rateLimits.passwordGuesses, steps: signIns.steps },
      isNamed: (person) => isNamedIn(feeds.teams.objects.values(), person),
      publicUrl: settings.publicUrl,
      seal: settings.seal,
      breakGlass: { file: settings.breakGlassFile, guesses: rateLimits.breakGlassGuesses },
    }),
    api: apiRouter({
      routes: gatewayRoutes({
        ...{ client, db, decisions, feeds, hub, now, audit, signIns, publicUrl: settings.publicUrl },
        presence: { ring: (sessionUid) => streams.ring(sessionUid) },
        health,
        ...{ shares, linkGuesses: rateLimits.linkGuesses, files: files.ports },
        takeBack: takeBackWith(providers, settings.seal),
        checkpoints: storage?.objects,
        recordings: { objects: storage?.objects, wakeDeletion: () => deletion.wake() },
      }),
      authenticate: createAuthenticator({
        db,
        audit,
        guesses: rateLimits.guesses,
        ...{ limits, secure, machines },
        machineTokens: new MachineTokens({ client, machines, clock: now, now: () => performance.now() }),
      }),
      ...{ audit, stepUp: signIns.stepUp },
      waiting: ({ headers }) => waitingIdentity(db, headers, secure),
      limitWrites: rateLimits.write,
    }),
    page: pageRouter(resolve(settings.webDir)),
    log,
    duration,
    trustedProxies: settings.trustedProxies,
  });

  const trust = trustOf(app);
  const addressOf = (req: IncomingMessage): string => sourceAddressOf(req, trust);
  const guard = (req: IncomingMessage): Promise<void> =>
    passGuards(guards, factsOf('upgrade', req, addressOf(req), requestIdOf(req.headers)));
  const streams = startStreamService({
    ...{ settings, ground, storage, registry, log, addressOf, draining: draining.signal, ending: ending.signal },
    guard,
  });
  const probed = createProbeSocket({
    ...{ guard, addressOf, log, publicUrl: settings.publicUrl, installation: () => health.installation() },
    audit: ground.auditStream,
  });
  const server = createHttpServer(app, settings.publicUrl);
  server.on('upgrade', (request, socket, head) => {
    if (!probed(request, socket, head)) streams.upgrade(request, socket, head);
  });

  const loops = [
    cleanUpLoop({ db, log, signal: ending.signal }),
    keyWarningLoop({ db, log, now, registry, signal: ending.signal }),
    deletion.run(ending.signal),
    keeper.loop(ending.signal),
    sinks.loop(ending.signal),
    hub.loop(),
    kubernetesAudit.ended,
    confirmPeople({ ...{ settings, db, providers, audit, log }, signal: ending.signal }),
    endWithTheirProviders({ ...{ db, providers, audit, log }, signal: ending.signal }),
    files.loop(ending.signal),
  ];
  async function end(): Promise<void> {
    draining.abort();
    await Promise.all([closeServer(server, DRAIN_MS), hub.ended(), streams.drained()]);
    ending.abort();
    await Promise.allSettled([...loops, streams.ended, ground.ended]);
    await streams[Symbol.asyncDispose]();
    await ground[Symbol.asyncDispose]();
  }
  try {
    return { address: await listen(server, settings.listen), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
