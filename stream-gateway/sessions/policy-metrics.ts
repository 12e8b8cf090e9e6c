// Whether the policies of open streams are up to date.
import { Gauge, type Registry } from '../../runtime/metrics/metrics.ts';

export function createPolicyMetrics(registry: Registry, staleSeconds: () => number): void {
  new Gauge({
    name: 'streamspace_stream_policy_stale_seconds',
    help: 'How long the policies of open streams may be out of date: since the API server told of sessions, or a policy could last be read. About a minute is usual.',
    aggregator: 'max',
    registers: [registry],
    collect() {
      this.set(staleSeconds());
    },
  });
}
