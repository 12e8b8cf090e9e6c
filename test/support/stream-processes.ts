// A front process with stream processes behind it, in the process of the test or in one of its own. For tests of what holds
// between processes; the streams themselves are those of every other test.
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../runtime/log/log.ts';
import { createRegistry, metricsOfAll } from '../../runtime/metrics/metrics.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { sourceAddressOf } from '../../stream-gateway/http/request-facts.ts';
import { closeServer } from '../../stream-gateway/http/server.ts';
import { createFrontDoor } from '../../stream-gateway/process/front-door.ts';
import { StreamProcesses } from '../../stream-gateway/process/stream-processes.ts';
import { requireOrigin } from '../../stream-gateway/stream/door/stream-request.ts';
import { createStreamMetrics } from '../../stream-gateway/stream/stream-metrics.ts';
import { connectRfb, type RfbClient } from './rfb-client.ts';
import { ORIGIN } from './stream-server.ts';
import { eventually } from './wait.ts';

export interface StreamProcessesOrder {
  readonly count: number;
  /** By `namespace/session`. */
  readonly desktops: Readonly<Record<string, { readonly host: string; readonly port: number; readonly password: string }>>;
  /** What the guards take over every upgrade; default no time. */
  readonly guardMs?: number;
}

export interface FrontProcess extends AsyncDisposable {
  readonly port: number;
  readonly processes: StreamProcesses;
  /** Codes of upgrades that were refused at the front. */
  readonly refused: readonly string[];
  /** At the front, of its own. */
  readonly audit: readonly AuditEvent[];
  restarts(): number;
  /** Everything of /metrics. */
  metrics(): Promise<string>;
  /** Of the stream processes, with the number of each. */
  told(): Promise<readonly (AuditEvent & { readonly process: number })[]>;
  connect(session: string, headers?: Readonly<Record<string, string>>): Promise<RfbClient>;
  drain(): Promise<void>;
}

export const streamUrl = (port: number, session: string): string => {
  const [namespace, name] = session.split('/');
  return `ws://127.0.0.1:${port}/api/v1/namespaces/${namespace}/sessions/${name}/stream`;
};

let tickets = 0;
export const anyTicket = (): string => {
  tickets += 1;
  return `any-ticket-will-do-${tickets}`;
};

export async function startFrontProcess({ count, desktops, guardMs = 0 }: StreamProcessesOrder): Promise<FrontProcess> {
  const auditFile = join(tmpdir(), `streamspace-audit-${process.pid}-${anyTicket()}.jsonl`);
  const [audit, refused]: [AuditEvent[], string[]] = [[], []];
  let restarts = 0;
  const log = createLogger({ name: 'test', level: 'silent' });
  const registry = createRegistry('gateway');
  const counted = createStreamMetrics(registry);
  const processes = new StreamProcesses({
    entry: new URL('./stream-process-main.ts', import.meta.url),
    ...{ count, log, logLevel: 'silent' },
    given: { argv: [], env: { TEST_DESKTOPS: JSON.stringify(desktops), TEST_AUDIT: auditFile } },
    audit: (event) => audit.push(event),
    restarted: () => {
      restarts += 1;
    },
  });
  const server = createServer().on(
    'upgrade',
    createFrontDoor({
      ...{ processes, log, publicUrl: ORIGIN, audit: (event) => audit.push(event) },
      guard: async (request) => {
        requireOrigin(request, new Set([ORIGIN]));
        if (guardMs > 0) await new Promise((resolve) => setTimeout(resolve, guardMs));
      },
      // The test is the proxy that is trusted, and no other.
      addressOf: (request) => sourceAddressOf(request, (address, hop) => hop === 0 && address.endsWith('127.0.0.1')),
      metrics: {
        refused: (code) => {
          refused.push(code);
          counted.refused(code);
        },
      },
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  await eventually('every stream process is ready', async () => processes.ready.length === count, { everyMs: 20 });
  const drain = async (): Promise<void> => {
    await Promise.all([closeServer(server, 5_000), processes.drain()]);
  };
  return {
    ...{ port, processes, audit, refused, drain },
    restarts: () => restarts,
    metrics: async () =>
      await metricsOfAll([
        await registry.getMetricsAsJSON(),
        ...(await processes.metrics()).filter((each) => each !== undefined),
      ]),
    told: async () => {
      const text = await readFile(auditFile, 'utf8').catch(() => '');
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as AuditEvent & { readonly process: number });
    },
    connect: (session, headers) =>
      connectRfb({
        ...{ url: streamUrl(port, session), origin: ORIGIN, ticket: anyTicket() },
        ...(headers === undefined ? {} : { headers }),
      }),
    async [Symbol.asyncDispose]() {
      await drain();
      await rm(auditFile, { force: true });
    },
  };
}
