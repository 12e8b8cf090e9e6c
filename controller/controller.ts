// The controller: one process leads (Teams, Templates, Sessions), each syncs its share of the GitSyncs and answers on health and
// metrics.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import express, { type Router } from 'express';
import { healthRouter } from '../runtime/http/health.ts';
import { AuditIds } from '../runtime/kube/audit-id.ts';
import { createKubeClient } from '../runtime/kube/client.ts';
import { createEventRecorder } from '../runtime/kube/events.ts';
import type { Fence } from '../runtime/kube/lease/fence.ts';
import { type LeaseOptions, workWhileLeader } from '../runtime/kube/lease/lease.ts';
import type { KubeClient } from '../runtime/kube/types.ts';
import type { Logger } from '../runtime/log/log.ts';
import { createRegistry } from '../runtime/metrics/metrics.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { GitSync } from '../schemas/kinds/git-sync/git-sync.ts';
import { CONTROLLER_FIELD_MANAGER, CONTROLLER_LEASE, SYSTEM_NAMESPACE } from '../schemas/names.ts';
import { openKnownPeople } from './changes/known-people.ts';
import { dial } from './network-probe/dial.ts';
import { networkProbeLoop } from './network-probe/probe-loop.ts';
import { createProbeMetrics } from './network-probe/probe-metrics.ts';
import { createChangeMetrics } from './reconcile/change-request/change-metrics.ts';
import { Stopped } from './reconcile/contract.ts';
import { createDriftMetrics, type WatchAge } from './reconcile/drift/drift-metrics.ts';
import { createHookMetrics, type HookMetrics } from './reconcile/hooks/hook-metrics.ts';
import { HookQueue } from './reconcile/hooks/hook-queue.ts';
import { createLeaderGauge, createQueueMetrics, createShardsGauge } from './reconcile/queue/queue-metrics.ts';
import { createQuotaMetrics } from './reconcile/quota/quota-metrics.ts';
import { openAudit } from './reconcile/telling/open-audit.ts';
import { openHistory } from './reconcile/telling/open-history.ts';
import { createSyncMetrics, watchGitSyncs } from './reconcile/telling/sync-metrics.ts';
import { createRenderMetrics } from './render/render-metrics.ts';
import type { ControllerSettings } from './settings.ts';
import { syncUntilStopped } from './sync-work.ts';
import { reconcileUntilStopped, type WorkOptions } from './work.ts';

export interface RunningController extends AsyncDisposable {
  /** Where it listens. */
  readonly address: AddressInfo;
}

/** Disposing stops the work, gives the Lease back, and closes connections. */
export async function startController(settings: ControllerSettings, log: Logger): Promise<RunningController> {
  const registry = createRegistry('controller');
  const leads = createLeaderGauge(registry);
  leads.set(0);
  const shards = createShardsGauge(registry);
  shards.set(0);
  const metrics = createQueueMetrics(registry);
  const quotaMetrics = createQuotaMetrics(registry);
  const renderMetrics = createRenderMetrics(registry);
  const driftMetrics = createDriftMetrics(registry);
  const changeMetrics = createChangeMetrics(registry);
  const hookMetrics = createHookMetrics(registry);
  const tellProbe = createProbeMetrics(registry);
  const userAgent = `streamspace-controller/${settings.identity}`;
  const token = settings.kubernetesAuditToken;
  const auditIds = token === undefined ? undefined : new AuditIds(token);
  const client = createKubeClient({ kubeconfig: settings.kubeconfig, log, userAgent, auditIds });
  // Connections of their own: a renewal that waits behind hundreds of writes comes too late, and the work is lost over its own haste.
  const leases = createKubeClient({ kubeconfig: settings.kubeconfig, log, userAgent });
  const stop = new AbortController();
  const history = openHistory(settings, registry, log);
  const people = openKnownPeople(settings, log);
  const trail = openAudit({ client, databaseUrl: settings.databaseUrl, spoolDir: `${settings.stateDir}/audit`, registry, log });
  const { audit } = trail;
  const hookQueue = openHookQueue(settings, hookMetrics, log);
  const tell = { history: history.history, metrics: createSyncMetrics(registry), audit, controller: settings.identity };
  let gitSyncs: () => Iterable<GitSync> = () => [];
  watchGitSyncs(
    registry,
    () => gitSyncs(),
    () => new Date(),
  );
  /** Leading and all lists read, or watching another lead. */
  let settled = false;
  let hook: Router | undefined;
  let leaderWatches: () => Iterable<WatchAge> = () => [];

  const lead = async (signal: AbortSignal, fence: Fence): Promise<void> => {
    leads.set(1);
    const onWorking: WorkOptions['onWorking'] = (watches) => {
      leaderWatches = watches;
      settled = true;
      log.info('reconciling');
    };
    try {
      const guarded = client.guarded(() => fence.check());
      await Promise.all([
        reconcileUntilStopped({ client: guarded, audit, log, metrics, quotaMetrics, signal, onWorking }),
        probeWhileLeading(guarded, settings, log, tellProbe, signal),
      ]);
    } finally {
      quotaMetrics.readFrom(() => ({ over: 0, near: 0, waiting: 0 }));
      leads.set(0);
      leaderWatches = () => [];
      settled = false;
    }
  };
  const onStandby = (): void => {
    settled = true;
  };
  const { identity, stateDir, kustomize } = settings;
  const working = [
    keepLeading({ client: leases, identity, log, signal: stop.signal, work: lead, onStandby }),
    syncUntilStopped({
      ...{ client, leases, log, metrics, renderMetrics, driftMetrics, changeMetrics, tell, stateDir, kustomize, identity },
      ...{ people, hookMetrics, hookQueue },
      shards: settings.shards,
      signal: stop.signal,
      onShards: (held) => shards.set(held),
      onWorking: (syncs) => {
        hook = syncs.hook;
        gitSyncs = syncs.held;
        driftMetrics.readWatchesFrom(() => [...leaderWatches(), ...syncs.watches()]);
      },
    }),
  ];

  const app = express().disable('x-powered-by');
  app.use(
    healthRouter({
      registry,
      draining: () => stop.signal.aborted,
      checks: { work: () => settled && hook !== undefined, cluster: async () => await answers(client) },
      details: () => ({ history: history.state(), hooks: hookQueue?.state ?? 'off: no database-url is set' }),
    }),
  );
  app.use((req, res, next) => {
    if (hook !== undefined) hook(req, res, next);
    else if (req.path.startsWith('/hooks/')) res.status(503).json({ error: 'this process has just started' });
    else next();
  });
  // A hook has half a minute for its megabyte.
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  await listen(server, settings);
  return {
    address: server.address() as AddressInfo,
    async [Symbol.asyncDispose]() {
      stop.abort(new Stopped('the controller stops'));
      await Promise.all([...working, hookQueue?.[Symbol.asyncDispose]()]);
      await history[Symbol.asyncDispose]();
      await trail[Symbol.asyncDispose]();
      await people[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await client[Symbol.asyncDispose]();
      await leases[Symbol.asyncDispose]();
    },
  };
}

async function probeWhileLeading(
  client: KubeClient,
  { podName, networkProbeMs: everyMs }: ControllerSettings,
  log: Logger,
  tell: ReturnType<typeof createProbeMetrics>,
  signal: AbortSignal,
): Promise<void> {
  const events = createEventRecorder({ client, component: CONTROLLER_FIELD_MANAGER, log });
  await networkProbeLoop({
    ...{ client, namespace: SYSTEM_NAMESPACE, podName, everyMs, dial, events, tell, log, signal },
    addresses: () => Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address)),
    elapsed: () => performance.now(),
    now: () => new Date(),
  });
  await events.flush();
}

function openHookQueue(
  { databaseUrl: url, shards }: ControllerSettings,
  metrics: HookMetrics,
  log: Logger,
): HookQueue | undefined {
  if (url !== undefined) return new HookQueue({ url, shards, metrics, log });
  log.info('no database-url is set: push hooks wait in memory');
  return undefined;
}

async function keepLeading(lease: Omit<LeaseOptions, 'namespace' | 'name'>): Promise<void> {
  while (!lease.signal.aborted) await workWhileLeader({ ...lease, namespace: SYSTEM_NAMESPACE, name: CONTROLLER_LEASE });
}

async function answers(client: KubeClient): Promise<boolean> {
  await client.text({ method: 'GET', path: '/readyz', timeoutMs: 2_000 });
  return true;
}

async function listen(server: Server, { listen: { host, port } }: ControllerSettings): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const taken = 'code' in cause && cause.code === 'EADDRINUSE';
      reject(taken ? new StreamSpaceError('PortInUse', `port ${port} of ${host} is in use`, { cause }) : cause);
    });
    server.listen({ host, port }, resolve);
  });
}
