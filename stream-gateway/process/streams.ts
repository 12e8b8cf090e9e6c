// The streams put together: the door, and all that lives behind it, on the ground of whatever process they are in. No rule of the
// product is here.
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../../runtime/log/log.ts';
import type { Registry } from '../../runtime/metrics/metrics.ts';
import { startConsoles } from '../console/start-consoles.ts';
import type { RecordingStorage } from '../recording/service/recording-settings.ts';
import { startRecordings } from '../recording/service/start-recordings.ts';
import { SessionActivities } from '../sessions/activity.ts';
import { createDesktopOf } from '../sessions/desktop.ts';
import { endStreamsWithSessions } from '../sessions/session-end.ts';
import { StreamGrants } from '../sessions/stream-grants.ts';
import type { GatewaySettings } from '../settings.ts';
import { takeSeatFor } from '../sharing/entry.ts';
import { ContentJudges } from '../stream/content/content-judges.ts';
import { createStreamUpgrade, type UpgradeListener } from '../stream/door/upgrade.ts';
import { createPixelMetrics } from '../stream/pixels/pixel-metrics.ts';
import { PixelWorkers } from '../stream/pixels/pixel-workers.ts';
import { createStreamMetrics } from '../stream/stream-metrics.ts';
import { StreamRegistry } from '../stream/stream-registry.ts';
import type { Ground } from './ground.ts';

export interface StreamsOptions {
  readonly ground: Ground;
  readonly storage: RecordingStorage | undefined;
  /** Of this process alone. */
  readonly spoolDir: string;
  readonly settings: GatewaySettings;
  readonly registry: Registry;
  readonly log: Logger;
  /** Further guards, where no other process has asked them already. */
  readonly guard?: (request: IncomingMessage) => Promise<void>;
  /** Where a request comes from. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Whether the session `namespace/name` is for this process to record. */
  readonly isHome: (key: string) => boolean;
  readonly draining: AbortSignal;
  readonly ending: AbortSignal;
}

/** Dispose it when it is drained and has ended. */
export interface Streams extends AsyncDisposable {
  readonly upgrade: UpgradeListener;
  /** After `draining`: resolves when no stream and no console is left, and every recording is closed. */
  readonly drained: () => Promise<void>;
  /** Resolves when the loops have ended. */
  readonly ended: Promise<void>;
}

export function startStreams(options: StreamsOptions): Streams {
  const { ground, storage, spoolDir, settings, registry, log, guard, addressOf, isHome, draining, ending } = options;
  const { db, client, decisions, feeds, credentials, policies, sharing, auditStream } = ground;
  const { shares, presence } = sharing;
  const grants = new StreamGrants({ db, client, decisions, credentials, shares, log });
  const streams = new StreamRegistry();
  endStreamsWithSessions(feeds.sessions, streams);
  const desktopOf = createDesktopOf(client);
  const recordings = startRecordings({
    ...{ storage, spoolDir, db, client, feeds, desktopOf, streams, isHome, registry, log },
    audit: auditStream,
  });
  const activities = new SessionActivities({ client, log, now: ground.now, sessionOf: (key) => feeds.sessions.objects.get(key) });
  feeds.sessions.onChange((key) => activities.changed(key));
  const judges = new ContentJudges();
  const pixels = new PixelWorkers();
  createPixelMetrics(registry, () => pixels.streams);
  const door = {
    publicOrigins: new Set([settings.publicUrl]),
    publicUrl: settings.publicUrl,
    ...(guard === undefined ? {} : { guard }),
    ...{ addressOf, judge: judges.judge, log, signal: draining },
  };
  const consoles = startConsoles({
    ...{ ...door, kubeconfig: settings.kubeconfig, client, policies, activities, feeds, grants, registry },
    ...{ audit: auditStream, auditIds: ground.auditIds, now: () => performance.now() },
  });
  const openStream = createStreamUpgrade({
    ...door,
    redeemTicket: (ticket, path) => grants.redeem(ticket, path),
    authorize: (grant) => grants.authorize(grant),
    enter: async ({ namespace, session: name }, person, grant) => {
      const { session, ...desktop } = await desktopOf(namespace, name);
      await recordings.admit(session);
      const held = new DisposableStack();
      try {
        const lease = held.use(policies.enter(session, person));
        held.use(recordings.enter(session, person));
        held.use(activities.enter(session));
        const seat = held.adopt(await takeSeatFor(sharing, session, grant), (taken) => void presence.leave(taken));
        return { ...lease, desktop, seat, [Symbol.dispose]: () => held.dispose() };
      } catch (error) {
        held.dispose();
        throw error;
      }
    },
    onInput: ({ namespace, session }, kind) => {
      recordings.input(`${namespace}/${session}`);
      activities.input(`${namespace}/${session}`, kind);
    },
    pixels,
    audit: (event) => {
      recordings.audited(event);
      auditStream(event);
    },
    metrics: createStreamMetrics(registry),
    registry: streams,
  });
  return {
    upgrade: (request, socket, head) => {
      if (!consoles.upgrade(request, socket, head)) openStream(request, socket, head);
    },
    drained: async () => {
      await Promise.all([streams.drained(), consoles.drained(), recordings.drain()]);
      await activities[Symbol.asyncDispose]();
      await recordings[Symbol.asyncDispose]();
    },
    ended: grants.loop(ending),
    async [Symbol.asyncDispose]() {
      await judges[Symbol.asyncDispose]();
      await pixels[Symbol.asyncDispose]();
    },
  };
}
