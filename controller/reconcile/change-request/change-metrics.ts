// How change requests end.
import { Counter, type Registry } from '../../../runtime/metrics/metrics.ts';
import type { ChangePhase } from '../../../schemas/kinds/changes/change-request.ts';

export interface ChangeMetrics {
  readonly entered: (phase: ChangePhase) => void;
}

export const NO_CHANGE_METRICS: ChangeMetrics = { entered: () => undefined };

export function createChangeMetrics(registry: Registry): ChangeMetrics {
  const changes = new Counter({
    name: 'streamspace_change_requests_total',
    help: 'Change requests that entered a phase.',
    labelNames: ['phase'],
    registers: [registry],
  });
  return { entered: (phase) => changes.inc({ phase }) };
}
