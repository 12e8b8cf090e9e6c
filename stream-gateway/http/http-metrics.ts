// What is measured about HTTP. No label holds a path, a person or a session.
import { Gauge, Histogram, type Registry } from '../../runtime/metrics/metrics.ts';

export interface HttpMetricsPorts {
  readonly watchedLists: () => number;
}

export function createHttpMetrics(registry: Registry, ports: HttpMetricsPorts): { readonly duration: Histogram } {
  const registers = [registry];
  new Gauge({
    name: 'streamspace_watched_lists',
    help: 'Lists that people watch (server-sent events).',
    registers,
    collect() {
      this.set(ports.watchedLists());
    },
  });
  const duration = new Histogram({
    name: 'streamspace_http_request_duration_seconds',
    help: 'Time to answer a request; watched lists and streams are not in it.',
    labelNames: ['method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return { duration };
}
