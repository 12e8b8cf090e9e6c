// The audit log of the API server as a part of ours, whichever way its events come: each is told once, or has its own event already.
import type { StampedEvent } from '../../../runtime/audit/append-events.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { Counter, type Registry } from '../../../runtime/metrics/metrics.ts';
import type { KubernetesEvent } from './event-list.ts';
import { type TranslatePorts, translate } from './translate.ts';

export interface KubernetesAuditPorts extends TranslatePorts {
  /** Resolves when they are kept; those that are known already are left alone. */
  readonly record: (events: readonly StampedEvent[]) => Promise<void>;
  readonly registry: Registry;
  readonly log: Logger;
}

export class KubernetesAudit {
  readonly #ports: KubernetesAuditPorts;
  readonly #taken: Counter;

  constructor(ports: KubernetesAuditPorts) {
    this.#ports = ports;
    this.#taken = new Counter({
      name: 'streamspace_kubernetes_audit_events_total',
      help: 'Events of the audit log of the API server that came, by outcome: told in ours, left out (not about us, or with an event of ours), or malformed.',
      labelNames: ['outcome'],
      registers: [ports.registry],
    });
  }

  /** @param malformed how many came besides that could not be read */
  async take(events: readonly KubernetesEvent[], malformed: number): Promise<void> {
    const told = events.flatMap((event) => translate(event, this.#ports) ?? []);
    await this.#ports.record(told);
    this.#taken.inc({ outcome: 'told' }, told.length);
    this.#taken.inc({ outcome: 'left out' }, events.length - told.length);
    if (malformed === 0) return;
    this.#taken.inc({ outcome: 'malformed' }, malformed);
    this.#ports.log.warn({ count: malformed }, 'events of the audit log of the API server cannot be read');
  }
}
