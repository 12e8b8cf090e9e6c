// What becomes of the rows of the history.
import { Counter, Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';

export interface HistoryMetrics {
  written(): void;
  dropped(): void;
}

/** Call once for a registry. */
export function createHistoryMetrics(registry: Registry, waiting: () => number): HistoryMetrics {
  const registers = [registry];
  const written = new Counter({
    name: 'streamspace_sync_history_written_total',
    help: 'Rows of the history of syncs that were stored.',
    registers,
  });
  const dropped = new Counter({
    name: 'streamspace_sync_history_dropped_total',
    help: 'Rows of the history of syncs that were lost: the database was away for too long, or refused them.',
    registers,
  });
  new Gauge({
    name: 'streamspace_sync_history_waiting',
    help: 'Rows of the history of syncs that wait for the database.',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  return { written: () => written.inc(), dropped: () => dropped.inc() };
}
