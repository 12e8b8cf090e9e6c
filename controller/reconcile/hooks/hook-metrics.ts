// What becomes of the hooks that were taken.
import { Counter, type Registry } from '../../../runtime/metrics/metrics.ts';

export interface HookMetrics {
  /** @param place `database`: it outlives this process; `memory`: it does not; `none`: the delivery was seen before */
  readonly taken: (place: 'database' | 'memory' | 'none') => void;
  readonly failed: () => void;
  readonly givenUp: () => void;
}

export const NO_HOOK_METRICS: HookMetrics = { taken: () => undefined, failed: () => undefined, givenUp: () => undefined };

export function createHookMetrics(registry: Registry): HookMetrics {
  const taken = new Counter({
    name: 'streamspace_hooks_taken_total',
    help: 'Push hooks that were answered with 202, by where they wait: database, memory, or none for a delivery that was seen before.',
    labelNames: ['place'],
    registers: [registry],
  });
  const failed = new Counter({
    name: 'streamspace_hooks_failed_total',
    help: 'Times that a push hook could not be acted on; it is tried again.',
    registers: [registry],
  });
  const givenUp = new Counter({
    name: 'streamspace_hooks_given_up_total',
    help: 'Push hooks that could not be acted on at the last try; the next poll makes up for them.',
    registers: [registry],
  });
  return { taken: (place) => taken.inc({ place }), failed: () => failed.inc(), givenUp: () => givenUp.inc() };
}
