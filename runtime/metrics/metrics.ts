// One registry a process; every metric is called streamspace_*, and no label holds a person or a session.
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

export function createRegistry(process: 'controller' | 'gateway'): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry, prefix: 'streamspace_' });
  return registry;
}

/** @param each what `getMetricsAsJSON` of a registry gave, that of this process first */
export async function metricsOfAll(each: readonly (readonly object[])[]): Promise<string> {
  // What has no sum is told of this process: it is left out otherwise.
  const [own = [], ...others] = each;
  const first = own.map((metric) =>
    'aggregator' in metric && metric.aggregator === 'omit' ? { ...metric, aggregator: 'first' } : metric,
  );
  return await AggregatorRegistry.aggregate([first, ...others]).metrics();
}
