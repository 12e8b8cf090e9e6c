// The audit log of the API server as a part of ours, whichever way its events come: each is told once, or has its own event already.
import type { StampedEvent } from '../../../runtime/audit/append-events.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import type { Registry } from '../../../runtime/metrics/metrics.ts';
import type { KubernetesEvent } from './event-list.ts';
import { type CountTaken, createKubernetesAuditMetrics } from './kubernetes-audit-metrics.ts';
import { type TranslatePorts, translate } from './translate.ts';

export interface KubernetesAuditPorts extends TranslatePorts {
  /** Resolves when they are kept; those that are known already are left alone. */
  readonly record: (events: readonly StampedEvent[]) => Promise<void>;
  readonly registry: Registry;
  readonly log: Logger;
}

export class KubernetesAudit {
  readonly #ports: KubernetesAuditPorts;
  readonly #count: CountTaken;

  constructor(ports: KubernetesAuditPorts) {
    this.#ports = ports;
    this.#count = createKubernetesAuditMetrics(ports.registry);
  }

  /** @param malformed how many came besides that could not be read */
  async take(events: readonly KubernetesEvent[], malformed: number): Promise<void> {
    const told = events.flatMap((event) => translate(event, this.#ports) ?? []);
    await this.#ports.record(told);
    this.#count('told', told.length);
    this.#count('left out', events.length - told.length);
    if (malformed === 0) return;
    this.#count('malformed', malformed);
    this.#ports.log.warn({ count: malformed }, 'events of the audit log of the API server cannot be read');
  }
}
