// /healthz, /readyz and /metrics, the same for every process.
import { Router } from 'express';
import type { Registry } from '../metrics/metrics.ts';

export interface HealthPorts {
  readonly registry: Pick<Registry, 'contentType' | 'metrics'>;
  /** Each check by name: true when that part is ready. A check that rejects counts as not ready. */
  readonly checks: Readonly<Record<string, () => Promise<boolean> | boolean>>;
  /** Said by readiness and no part of it: what the process can do without. */
  readonly details?: () => Readonly<Record<string, string>>;
  /** True while the process drains: it is alive, but wants no new work. */
  readonly draining: () => boolean;
}

/** Liveness answers always; readiness lists what is missing with 503. */
export function healthRouter(ports: HealthPorts): Router {
  return Router()
    .get('/healthz', (_req, res) => {
      res.type('text/plain').send('ok\n');
    })
    .get('/readyz', async (_req, res) => {
      const results = await Promise.all(
        Object.entries(ports.checks).map(
          async ([name, check]) =>
            [
              name,
              await Promise.resolve()
                .then(check)
                .catch(() => false),
            ] as const,
        ),
      );
      const ready = !ports.draining() && results.every(([, ok]) => ok);
      res
        .status(ready ? 200 : 503)
        .json({ ready, draining: ports.draining(), checks: Object.fromEntries(results), ...ports.details?.() });
    })
    .get('/metrics', async (_req, res) => {
      res.type(ports.registry.contentType).send(await ports.registry.metrics());
    });
}
