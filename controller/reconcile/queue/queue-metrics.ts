// What the queues tell Prometheus. Labels are kinds and codes, never a name.
import { Counter, Gauge, Histogram, type Registry } from '../../../runtime/metrics/metrics.ts';

export interface QueueMetrics {
  /** Keys that wait for a call, timers not counted. */
  depth(kind: string, keys: number): void;
  finished(kind: string, outcome: 'done' | 'failed' | 'stopped', seconds: number): void;
  failed(kind: string, code: string): void;
}

/** Call once for a registry. */
export function createQueueMetrics(registry: Registry): QueueMetrics {
  const depth = new Gauge({
    name: 'streamspace_reconcile_queue_depth',
    help: 'Objects that wait to be reconciled.',
    labelNames: ['kind'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'streamspace_reconcile_duration_seconds',
    help: 'How long one reconcile call took.',
    labelNames: ['kind', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'streamspace_reconcile_failures_total',
    help: 'Reconcile calls that failed, by error code.',
    labelNames: ['kind', 'code'],
    registers: [registry],
  });
  return {
    depth: (kind, keys) => depth.set({ kind }, keys),
    finished: (kind, outcome, seconds) => duration.observe({ kind, outcome }, seconds),
    failed: (kind, code) => failures.inc({ kind, code }),
  };
}

export const NO_METRICS: QueueMetrics = { depth: () => undefined, finished: () => undefined, failed: () => undefined };

/** Call once for a registry. */
export function createLeaderGauge(registry: Registry): Gauge {
  return new Gauge({ name: 'streamspace_leader', help: '1 while this process is the active one.', registers: [registry] });
}

/** Call once for a registry. */
export function createShardsGauge(registry: Registry): Gauge {
  const help = 'Shards of the GitSyncs that this process works on.';
  return new Gauge({ name: 'streamspace_sync_shards_held', help, registers: [registry] });
}
