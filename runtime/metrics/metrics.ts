// One registry a process; every metric is called streamspace_*, and no label holds a person or a session.
import { collectDefaultMetrics, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

export function createRegistry(process: 'controller' | 'gateway'): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry, prefix: 'streamspace_' });
  return registry;
}
