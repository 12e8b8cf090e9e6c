// What the last probe of the network has found.
import { Gauge, type Registry } from '../../runtime/metrics/metrics.ts';
import { PROBE_STATES, type ProbeState } from '../../schemas/network-probe.ts';

/** Call once for a registry. @returns tells what was found; undefined: nothing, or another one looks */
export function createProbeMetrics(registry: Registry): (state: ProbeState | undefined) => void {
  const gauge = new Gauge({
    name: 'streamspace_network_probe',
    help: 'What the last probe found of the NetworkPolicies of the cluster: 1 for that state. All 0: this controller has not probed.',
    labelNames: ['state'],
    registers: [registry],
  });
  const tell = (state: ProbeState | undefined): void => {
    for (const each of PROBE_STATES) gauge.set({ state: each }, each === state ? 1 : 0);
  };
  tell(undefined);
  return tell;
}
