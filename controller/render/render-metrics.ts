// What rendering tells Prometheus: how often, how long, with what. No label names a unit.
import { Histogram, type Registry } from '../../runtime/metrics/metrics.ts';

export interface RenderMetrics {
  rendered(renderer: string, outcome: 'done' | 'failed', seconds: number): void;
}

/** Call once for a registry. */
export function createRenderMetrics(registry: Registry): RenderMetrics {
  const duration = new Histogram({
    name: 'streamspace_render_duration_seconds',
    help: 'How long it took to render a unit; a unit whose files are unchanged is not rendered and not counted.',
    labelNames: ['renderer', 'outcome'],
    buckets: [0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    registers: [registry],
  });
  return { rendered: (renderer, outcome, seconds) => duration.observe({ renderer, outcome }, seconds) };
}

export const NO_RENDER_METRICS: RenderMetrics = { rendered: () => undefined };
