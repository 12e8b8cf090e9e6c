// How many streams have their picture changed: they cost far more CPU than the others.
import { Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';

export function createPixelMetrics(registry: Registry, marked: () => number): void {
  new Gauge({
    name: 'streamspace_streams_marked',
    help: 'Open streams whose picture is changed on its way, for a watermark or a visible region.',
    registers: [registry],
    collect() {
      this.set(marked());
    },
  });
}
