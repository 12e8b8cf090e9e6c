// Whether the audit is up to date.
import { Gauge, type Registry } from '../metrics/metrics.ts';

/** @param waits true while audit events wait on disk */
export function createAuditMetrics(registry: Registry, waits: () => boolean): void {
  new Gauge({
    name: 'streamspace_audit_spooled',
    help: '1 while audit events wait on disk for the database.',
    aggregator: 'max',
    registers: [registry],
    collect() {
      this.set(waits() ? 1 : 0);
    },
  });
}
