// The controller: one active process does the work, all of them answer on health and metrics.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Router } from 'express';
import { healthRouter } from '../runtime/http/health.ts';
import { createKubeClient } from '../runtime/kube/client.ts';
import { workWhileLeader } from '../runtime/kube/lease.ts';
import type { KubeClient } from '../runtime/kube/types.ts';
import type { Logger } from '../runtime/log/log.ts';
import { createRegistry } from '../runtime/metrics/metrics.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { GitSync } from '../schemas/kinds/git-sync.ts';
import { SYSTEM_NAMESPACE } from '../schemas/names.ts';
import { Stopped } from './reconcile/contract.ts';
import { createDriftMetrics } from './reconcile/drift/drift-metrics.ts';
import { createLeaderGauge, createQueueMetrics } from './reconcile/queue-metrics.ts';
import { openHistory } from './reconcile/telling/open-history.ts';
import { createSyncMetrics, watchGitSyncs } from './reconcile/telling/sync-metrics.ts';
import { createRenderMetrics } from './render/render-metrics.ts';
import type { ControllerSettings } from './settings.ts';
import { reconcileUntilStopped } from './work.ts';

export interface RunningController extends AsyncDisposable {
  /** Where it listens. */
  readonly address: AddressInfo;
}

const LEASE = 'streamspace-controller';

/** Disposing stops the work, gives the Lease back, and closes connections. */
export async function startController(settings: ControllerSettings, log: Logger): Promise<RunningController> {
  const registry = createRegistry('controller');
  const leads = createLeaderGauge(registry);
  leads.set(0);
  const metrics = createQueueMetrics(registry);
  const renderMetrics = createRenderMetrics(registry);
  const driftMetrics = createDriftMetrics(registry);
  const client = createKubeClient({ kubeconfig: settings.kubeconfig, log });
  const stop = new AbortController();
  const history = openHistory(settings, registry, log);
  const tell = { history: history.history, metrics: createSyncMetrics(registry), controller: settings.identity };
  let gitSyncs: () => Iterable<GitSync> = () => [];
  watchGitSyncs(
    registry,
    () => gitSyncs(),
    () => new Date(),
  );
  /** Leading and all lists read, or watching another lead. */
  let settled = false;
  let hook: Router | undefined;

  const lead = async (signal: AbortSignal): Promise<void> => {
    leads.set(1);
    try {
      const onWorking = (router: Router, all: () => Iterable<GitSync>): void => {
        hook = router;
        gitSyncs = all;
        settled = true;
        log.info('reconciling');
      };
      const { stateDir, kustomize } = settings;
      await reconcileUntilStopped({
        client,
        log,
        metrics,
        renderMetrics,
        driftMetrics,
        tell,
        stateDir,
        kustomize,
        signal,
        onWorking,
      });
    } finally {
      leads.set(0);
      driftMetrics.readWatchesFrom(() => []);
      hook = undefined;
      gitSyncs = () => [];
      settled = false;
    }
  };
  const working = keepLeading(client, settings.identity, log, stop.signal, lead, () => {
    settled = true;
  });

  const app = express().disable('x-powered-by');
  app.use(
    healthRouter({
      registry,
      draining: () => stop.signal.aborted,
      checks: { work: () => settled, cluster: async () => await answers(client) },
      details: () => ({ history: history.state() }),
    }),
  );
  // A push is only a hint: one that reaches a process that does not work is made up for by the poll of the one that does.
  app.use((req, res, next) => {
    if (hook !== undefined) hook(req, res, next);
    else if (req.path.startsWith('/hooks/')) res.status(503).json({ error: 'this process is not the active one' });
    else next();
  });
  // A hook has half a minute for its megabyte.
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  await listen(server, settings);
  return {
    address: server.address() as AddressInfo,
    async [Symbol.asyncDispose]() {
      stop.abort(new Stopped('the controller stops'));
      await working;
      await history[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await client[Symbol.asyncDispose]();
    },
  };
}

async function keepLeading(
  client: KubeClient,
  identity: string,
  log: Logger,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
  onStandby: () => void,
): Promise<void> {
  const lease = { client, namespace: SYSTEM_NAMESPACE, name: LEASE, identity, log, signal, work, onStandby };
  while (!signal.aborted) await workWhileLeader(lease);
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
