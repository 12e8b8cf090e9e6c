// Where the streams of a gateway are: in the front process, or in processes of their own behind it. For who puts the gateway
// together both look the same.
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import type { Logger } from '../../runtime/log/log.ts';
import { metricsOfAll, type Registry } from '../../runtime/metrics/metrics.ts';
import type { RecordingStorage } from '../recording/service/recording-settings.ts';
import type { GatewaySettings } from '../settings.ts';
import type { UpgradeListener } from '../stream/door/upgrade.ts';
import { createStreamMetrics } from '../stream/stream-metrics.ts';
import { createFrontDoor } from './front-door.ts';
import type { Ground } from './ground.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { StreamProcesses } from './stream-processes.ts';
import { startStreams } from './streams.ts';

export interface StreamServiceOptions {
  readonly settings: GatewaySettings;
  readonly ground: Ground;
  readonly storage: RecordingStorage | undefined;
  readonly registry: Registry;
  readonly log: Logger;
  /** The guards that a request passes. Rejects to refuse over HTTP. */
  readonly guard: (request: IncomingMessage) => Promise<void>;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly draining: AbortSignal;
  readonly ending: AbortSignal;
}

/** Dispose it when it is drained and has ended. */
export interface StreamService extends AsyncDisposable {
  readonly upgrade: UpgradeListener;
  readonly isReady: () => boolean;
  /** Something was decided about who is in a session. */
  readonly ring: (sessionUid: string) => void;
  /** Of all processes together, in Prometheus' format. */
  readonly metrics: () => Promise<string>;
  /** After `draining`: resolves when no stream is left. */
  readonly drained: () => Promise<void>;
  /** Resolves when the loops have ended. */
  readonly ended: Promise<void>;
}

export function startStreamService(options: StreamServiceOptions): StreamService {
  return options.settings.streamProcesses === 0 ? here(options) : elsewhere(options);
}

function here(options: StreamServiceOptions): StreamService {
  const { settings, ground, registry } = options;
  createProcessMetrics(registry, () => 0);
  const streams = startStreams({
    ...options,
    spoolDir: resolve(settings.spoolDir),
    isHome: () => true,
  });
  return {
    ...streams,
    isReady: () => true,
    ring: (sessionUid) => ground.sharing.presence.ring(sessionUid),
    metrics: () => registry.metrics(),
  };
}

function elsewhere({ settings, ground, registry, log, guard, addressOf }: StreamServiceOptions): StreamService {
  const counted = createProcessMetrics(registry, () => processes.ready.length);
  const processes: StreamProcesses = new StreamProcesses({
    entry: new URL('./main.ts', import.meta.url),
    count: settings.streamProcesses,
    logLevel: settings.logLevel,
    given: settings.given,
    audit: ground.auditStream,
    restarted: counted.restarted,
    log,
  });
  return {
    upgrade: createFrontDoor({
      ...{ guard, addressOf, processes, log, publicUrl: settings.publicUrl },
      audit: ground.auditStream,
      metrics: createStreamMetrics(registry),
    }),
    isReady: () => processes.ready.length > 0,
    ring: (sessionUid) => processes.ring(sessionUid),
    metrics: async () => {
      const told = (await processes.metrics()).filter((each) => each !== undefined);
      counted.missing(settings.streamProcesses - told.length);
      return await metricsOfAll([await registry.getMetricsAsJSON(), ...told]);
    },
    drained: () => processes.drain(),
    ended: Promise.resolve(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
