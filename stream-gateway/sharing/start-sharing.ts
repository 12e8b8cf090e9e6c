// Sharing put together: shares as they are watched, who is in which session, and what ends both.
import type { Database } from '../../runtime/db/database.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { Feeds } from '../sessions/feeds.ts';
import { Moderation } from './moderation.ts';
import { Presence } from './presence.ts';
import { ShareWatch } from './share-watch.ts';
import { Shares } from './shares.ts';

export interface Sharing {
  readonly shares: Shares;
  readonly presence: Presence;
  /** Each resolves when the signal is aborted. */
  readonly loops: (signal: AbortSignal) => readonly Promise<void>[];
}

export function startSharing(ports: {
  readonly db: Database;
  readonly client: KubeClient;
  readonly feeds: Pick<Feeds, 'shares' | 'sessions' | 'teams'>;
  readonly audit: (event: AuditEvent) => void;
  readonly log: Logger;
  readonly now: () => Date;
  readonly graceMs: number;
}): Sharing {
  const { db, client, feeds, audit, log, now, graceMs } = ports;
  const shares = new Shares({
    ...{ client, now },
    shares: feeds.shares,
    sessions: feeds.sessions,
    teams: () => feeds.teams.objects.values(),
  });
  const steady = (): number => performance.now();
  const presence = new Presence({
    ...{ db, log },
    moderation: new Moderation({ db, client, audit, graceMs, now }),
    isShared: (namespace, session) => shares.of(namespace, session).length > 0,
    stateOf: (seat) => shares.stateOf(seat),
    now: steady,
  });
  const watch = new ShareWatch({ shares, seats: () => presence.seats, db, audit, log, now: steady });
  const check = (): void => watch.check();
  feeds.shares.onChange(check);
  feeds.sessions.onChange(check);
  return { shares, presence, loops: (signal) => [presence.loop(signal), watch.loop(signal)] };
}
