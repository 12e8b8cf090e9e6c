// Whether the audit is up to date, and whole.
import { Counter, Gauge, type Registry } from '../metrics/metrics.ts';

export interface AuditMetrics {
  /** Events that neither database nor disk took. */
  lost(count: number): void;
}

/** @param waits true while audit events wait on disk */
export function createAuditMetrics(registry: Registry, waits: () => boolean): AuditMetrics {
  new Gauge({
    name: 'streamspace_audit_spooled',
    help: '1 while audit events wait on disk for the database.',
    aggregator: 'max',
    registers: [registry],
    collect() {
      this.set(waits() ? 1 : 0);
    },
  });
  const lost = new Counter({
    name: 'streamspace_audit_lost_total',
    help: 'Audit events that neither the database nor the disk took; the event audit.lost tells of them once the database answers.',
    registers: [registry],
  });
  return { lost: (count) => lost.inc(count) };
}
