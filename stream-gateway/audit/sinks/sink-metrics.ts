// How far the sinks of the audit log are behind.
import { Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';

/** @returns sets the lag of a sink, `policy/sink`, in seconds */
export function createSinkMetrics(registry: Registry): (sink: string, seconds: number) => void {
  const lag = new Gauge({
    name: 'streamspace_audit_sink_lag_seconds',
    help: 'Age of the oldest audit event that a sink has not taken; 0 where none waits, or another replica delivers.',
    labelNames: ['sink'],
    aggregator: 'max',
    registers: [registry],
  });
  return (sink, seconds) => lag.set({ sink }, seconds);
}
