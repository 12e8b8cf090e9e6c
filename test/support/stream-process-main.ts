// A stream process for tests and benches: the life and the door of a real one, with desktops from a table, any ticket good, and the
// audit in a file.
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { handedSourceOf } from '../../stream-gateway/process/hand-over.ts';
import { serveStreams } from '../../stream-gateway/process/serve-streams.ts';
import { Allowances } from '../../stream-gateway/stream/clipboard/allowances.ts';
import { createStreamUpgrade } from '../../stream-gateway/stream/door/upgrade.ts';
import { PixelWorkers } from '../../stream-gateway/stream/pixels/pixel-workers.ts';
import { createStreamMetrics } from '../../stream-gateway/stream/stream-metrics.ts';
import { StreamPolicy } from '../../stream-gateway/stream/stream-policy.ts';
import { StreamRegistry } from '../../stream-gateway/stream/stream-registry.ts';
import { OPEN_RULES, ORIGIN } from './stream-server.ts';

/** By `namespace/session`. */
export const testDesktops = z.record(z.string(), z.object({ host: z.string(), port: z.int(), password: z.string() }));
const testAudit = z.object({ TEST_DESKTOPS: z.string(), TEST_AUDIT: z.string() });

await serveStreams(async ({ index, given }, log) => {
  const { TEST_DESKTOPS, TEST_AUDIT } = testAudit.parse(given.env);
  const desktops = testDesktops.parse(JSON.parse(TEST_DESKTOPS));
  const registry = createRegistry('gateway');
  const draining = new AbortController();
  const streams = new StreamRegistry();
  const pixels = new PixelWorkers();
  const policy = new StreamPolicy({ hash: 'first', rules: OPEN_RULES, origins: new Map(), displays: undefined });
  const allowances = new Allowances(() => performance.now());
  return {
    upgrade: createStreamUpgrade({
      publicOrigins: new Set([ORIGIN]),
      publicUrl: ORIGIN,
      redeemTicket: async () => ({ person: 'member', right: 'control' }),
      enter: async ({ namespace, session }) => {
        const desktop = desktops[`${namespace}/${session}`];
        if (desktop === undefined) throw new StreamSpaceError('NotFound', `there is no session ${namespace}/${session}`);
        return { desktop, policy, ...allowances.lease(session, 'member') };
      },
      judge: ({ clip }) => ({ action: 'pass', clip, findings: [] }),
      pixels,
      audit: (event) => appendFileSync(TEST_AUDIT, `${JSON.stringify({ ...event, process: index })}\n`),
      metrics: createStreamMetrics(registry),
      log,
      registry: streams,
      signal: draining.signal,
      addressOf: handedSourceOf,
    }),
    metrics: () => registry.getMetricsAsJSON(),
    ring: () => undefined,
    ready: (signal) => delay(0, signal),
    async [Symbol.asyncDispose]() {
      draining.abort();
      await streams.drained();
      await pixels[Symbol.asyncDispose]();
    },
  };
});
process.exit(0);
