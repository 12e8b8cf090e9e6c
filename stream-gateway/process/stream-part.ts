// A stream process put together: the gateway without HTTP.
import { resolve } from 'node:path';
import type { Logger } from '../../runtime/log/log.ts';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { recordingStorage } from '../recording/service/recording-settings.ts';
import { startStreamFeeds } from '../sessions/feeds.ts';
import { readGatewaySettings } from '../settings.ts';
import { startGround } from './ground.ts';
import { handedSourceOf } from './hand-over.ts';
import type { Begin } from './messages.ts';
import { isHome } from './rendezvous.ts';
import type { StreamPart } from './serve-streams.ts';
import { lockFolder, streamsFolder } from './spool-folders.ts';
import { startStreams } from './streams.ts';

/** A stream asks the database when it begins; what is asked for all of them together goes one after the other. */
const MAX_CONNECTIONS = 6;
/** Whoever had the folder before drains for nine seconds at most. */
const LOCK_MS = 15_000;
const LOOK_MS = 50;

export async function startStreamPart({ index, count, given }: Begin, log: Logger): Promise<StreamPart> {
  const settings = readGatewaySettings(given.argv, given.env);
  const spoolDir = streamsFolder(resolve(settings.spoolDir), index);
  const lock = await lockFolder(spoolDir, AbortSignal.timeout(LOCK_MS));
  const draining = new AbortController();
  const ending = new AbortController();
  const registry = createRegistry('gateway');
  const stored = await recordingStorage(settings.recordings);
  // What may wait on the disk of a replica is for all its processes together.
  const storage = stored === undefined ? undefined : { ...stored, maxSpoolBytes: Math.floor(stored.maxSpoolBytes / count) };
  const ground = startGround({
    ...{ settings, log, registry, spoolDir, maxConnections: MAX_CONNECTIONS },
    ending: ending.signal,
    follow: startStreamFeeds,
  });
  const streams = startStreams({
    ...{ ground, settings, storage, spoolDir, registry, log, addressOf: handedSourceOf },
    isHome: (key) => isHome(key, index, count),
    draining: draining.signal,
    ending: ending.signal,
  });
  return {
    upgrade: streams.upgrade,
    metrics: () => registry.getMetricsAsJSON(),
    ring: (sessionUid) => ground.sharing.presence.ring(sessionUid),
    ready: async (signal) => {
      while (!ground.db.migrated || !ground.feeds.ready()) await delay(LOOK_MS, signal);
    },
    async [Symbol.asyncDispose]() {
      draining.abort();
      await streams.drained();
      ending.abort();
      await Promise.allSettled([streams.ended, ground.ended]);
      await streams[Symbol.asyncDispose]();
      await ground[Symbol.asyncDispose]();
      await lock[Symbol.asyncDispose]();
    },
  };
}
