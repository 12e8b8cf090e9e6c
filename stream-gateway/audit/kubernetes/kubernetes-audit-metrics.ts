// Whether anything comes from the audit log of the API server.
import { Counter, type Registry } from '../../../runtime/metrics/metrics.ts';

export type CountTaken = (outcome: 'told' | 'left out' | 'malformed', count: number) => void;

export function createKubernetesAuditMetrics(registry: Registry): CountTaken {
  const taken = new Counter({
    name: 'streamspace_kubernetes_audit_events_total',
    help: 'Events of the audit log of the API server that came, by outcome: told in ours, left out (not about us, or with an event of ours), malformed.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return (outcome, count) => taken.inc({ outcome }, count);
}
