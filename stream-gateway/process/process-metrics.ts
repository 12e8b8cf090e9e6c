// Whether the stream processes live, in numbers.
import { Counter, Gauge, type Registry } from '../../runtime/metrics/metrics.ts';

export interface ProcessMetrics {
  readonly restarted: () => void;
  /** Stream processes of which the numbers of this answer know nothing. */
  readonly missing: (count: number) => void;
}

export function createProcessMetrics(registry: Registry, ready: () => number): ProcessMetrics {
  const registers = [registry];
  new Gauge({
    name: 'streamspace_stream_processes_ready',
    help: 'Stream processes that take streams; 0 also where streams are in the front process.',
    registers,
    collect() {
      this.set(ready());
    },
  });
  const restarts = new Counter({
    name: 'streamspace_stream_process_restarts_total',
    help: 'Stream processes that ended by themselves, and were started again.',
    registers,
  });
  const missing = new Gauge({
    name: 'streamspace_stream_process_metrics_missing',
    help: 'Stream processes that did not tell their metrics in time; the sums here are without them.',
    registers,
  });
  return { restarted: () => restarts.inc(), missing: (count) => missing.set(count) };
}
