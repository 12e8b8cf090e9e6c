// The sync engine in the test's own process, in place of the controller of the installation, which is frozen meanwhile: so a
// test may stand between it and the API server, and end it wherever it likes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { ObjectKey } from '../../controller/reconcile/contract.ts';
import { startWorkQueue, type WorkQueue } from '../../controller/reconcile/queue/queue.ts';
import { NO_HISTORY } from '../../controller/reconcile/telling/history-writer.ts';
import { createSyncMetrics } from '../../controller/reconcile/telling/sync-metrics.ts';
import { NO_RENDER_METRICS } from '../../controller/render/render-metrics.ts';
import { createSyncEngine } from '../../controller/sync-engine.ts';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { createEventRecorder } from '../../runtime/kube/events.ts';
import { createResourceMapper } from '../../runtime/kube/watch/mapper.ts';
import { Registry } from '../../runtime/metrics/metrics.ts';

export interface OwnSync extends AsyncDisposable {
  /** One call of the reconciler; rejects as the queue would see it. */
  reconcile(key: ObjectKey, signal?: AbortSignal): Promise<void>;
  /** With retries, as in the controller. */
  readonly queue: WorkQueue;
}

/** Keeps nothing: a second one is a process that was started again. */
export async function startOwnSync(kubeconfig: string): Promise<OwnSync> {
  const log = pino({ level: process.env['STREAMSPACE_TEST_LOG'] ?? 'silent' });
  const stateDir = await mkdtemp(join(tmpdir(), 'streamspace-own-sync-'));
  const client = createKubeClient({ kubeconfig });
  const stop = new AbortController();
  const engine = createSyncEngine({
    client,
    mapper: createResourceMapper(client),
    stateDir,
    events: createEventRecorder({ client, component: 'test', log }),
    log,
    signal: stop.signal,
    gitSyncs: () => [], // no hook comes in here
    enqueue: (key) => queue.add(key),
    kustomize: '/nonexistent/kubectl',
    renderMetrics: NO_RENDER_METRICS,
    tell: { history: NO_HISTORY, metrics: createSyncMetrics(new Registry()), audit: () => undefined, controller: 'test' },
  });
  const reconciler = engine.reconcilerWith(client);
  const queue = startWorkQueue({ reconciler, concurrency: 4, log, signal: stop.signal });
  return {
    queue,
    reconcile: async (key, signal = new AbortController().signal) => {
      await reconciler.reconcile(key, { signal, log });
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('the test has ended'));
      await queue.ended;
      await engine[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
