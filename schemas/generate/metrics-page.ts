// docs/reference/metrics.md: every metric of ours, asked of the very registries that the processes make.
import { createProbeMetrics } from '../../controller/network-probe/probe-metrics.ts';
import { createChangeMetrics } from '../../controller/reconcile/change-request/change-metrics.ts';
import { createDriftMetrics } from '../../controller/reconcile/drift/drift-metrics.ts';
import { createHookMetrics } from '../../controller/reconcile/hooks/hook-metrics.ts';
import { createLeaderGauge, createQueueMetrics, createShardsGauge } from '../../controller/reconcile/queue/queue-metrics.ts';
import { createQuotaMetrics } from '../../controller/reconcile/quota/quota-metrics.ts';
import { createHistoryMetrics } from '../../controller/reconcile/telling/history-metrics.ts';
import { createSyncMetrics, watchGitSyncs } from '../../controller/reconcile/telling/sync-metrics.ts';
import { createRenderMetrics } from '../../controller/render/render-metrics.ts';
import { createAuditMetrics } from '../../runtime/audit/audit-metrics.ts';
import { Registry } from '../../runtime/metrics/metrics.ts';
import { createCheckpointMetrics } from '../../stream-gateway/audit/checkpoint-metrics.ts';
import { createKubernetesAuditMetrics } from '../../stream-gateway/audit/kubernetes/kubernetes-audit-metrics.ts';
import { createSinkMetrics } from '../../stream-gateway/audit/sinks/sink-metrics.ts';
import { createKeyMetrics } from '../../stream-gateway/auth/keys/key-warnings.ts';
import { createConsoleMetrics } from '../../stream-gateway/console/console-metrics.ts';
import { createFileMetrics } from '../../stream-gateway/files/file-metrics.ts';
import { createHttpMetrics } from '../../stream-gateway/http/http-metrics.ts';
import { createProcessMetrics } from '../../stream-gateway/process/process-metrics.ts';
import { createRecordingMetrics } from '../../stream-gateway/recording/service/recording-metrics.ts';
import { createPolicyMetrics } from '../../stream-gateway/sessions/policy-metrics.ts';
import { createPixelMetrics } from '../../stream-gateway/stream/pixels/pixel-metrics.ts';
import { createStreamMetrics } from '../../stream-gateway/stream/stream-metrics.ts';
import { code, table } from './markdown.ts';

export interface MetricFacts {
  readonly process: 'controller' | 'gateway';
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Without those of Node.js and of the process itself. By process and name. */
export function ourMetrics(): readonly MetricFacts[] {
  const controller = new Registry();
  createLeaderGauge(controller);
  createShardsGauge(controller);
  createQueueMetrics(controller);
  createQuotaMetrics(controller);
  createRenderMetrics(controller);
  createDriftMetrics(controller);
  createChangeMetrics(controller);
  createHookMetrics(controller);
  createProbeMetrics(controller);
  createSyncMetrics(controller);
  createHistoryMetrics(controller, () => 0);
  createAuditMetrics(controller, () => false);
  watchGitSyncs(
    controller,
    () => [],
    () => new Date(0),
  );
  const gateway = new Registry();
  createHttpMetrics(gateway, { watchedLists: () => 0 });
  createAuditMetrics(gateway, () => false);
  createKeyMetrics(gateway);
  createSinkMetrics(gateway);
  createCheckpointMetrics(gateway);
  createKubernetesAuditMetrics(gateway);
  createProcessMetrics(gateway, () => 0);
  createStreamMetrics(gateway);
  createPolicyMetrics(gateway, () => 0);
  createRecordingMetrics(gateway, { count: () => ({ running: 0, interrupted: 0 }), uploads: () => 0 });
  createPixelMetrics(gateway, () => 0);
  createFileMetrics(gateway, () => 0);
  createConsoleMetrics(gateway);
  return [...factsOf('controller', controller), ...factsOf('gateway', gateway)];
}

/** prom-client keeps what a metric was made with on it, and types it nowhere. */
interface MadeMetric {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

function factsOf(process: MetricFacts['process'], registry: Registry): readonly MetricFacts[] {
  const made = registry.getMetricsAsArray() as unknown as readonly MadeMetric[];
  return made
    .map((metric) => ({
      process,
      name: metric.name,
      help: metric.help,
      type: metric.constructor.name.toLowerCase(),
      labels: (metric.labelNames ?? []).filter((label) => label !== 'le'),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function metricsPage(metrics: readonly MetricFacts[]): readonly string[] {
  const section = (process: MetricFacts['process'], place: string): readonly string[] => [
    '',
    `## ${process === 'controller' ? 'Controller' : 'Gateway'}`,
    '',
    place,
    '',
    ...table(
      ['metric', 'type', 'labels', 'what it says'],
      metrics
        .filter((metric) => metric.process === process)
        .map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
    ),
  ];
  return [
    '# Metrics',
    '',
    'Both processes also give the usual metrics of Node.js (`streamspace_nodejs_*`, `streamspace_process_*`), and each metric has the label',
    '`process`. No label holds the name of a person, a session or a GitSync: their number is open. One series for each GitSync comes from',
    'kube-state-metrics with `deploy/monitoring/kube-state-metrics.yaml`; alerts and a dashboard are beside it.',
    ...section(
      'controller',
      '`GET /metrics` at its `listen` address; each process tells of the GitSyncs whose shards it holds, so sums are over all of them.',
    ),
    ...section('gateway', '`GET /metrics` at its one port, for loopback and cluster addresses only.'),
  ];
}
