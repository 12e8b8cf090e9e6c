// What both the front process and a stream process stand on: database, audit, API server, and what is known of sessions, their
// policies and who is in them. No rule of the product is here.
import { join } from 'node:path';
import type { StampedEvent } from '../../runtime/audit/append-events.ts';
import { createAuditMetrics } from '../../runtime/audit/audit-metrics.ts';
import type { PolicyRetention } from '../../runtime/audit/audit-rules.ts';
import { AuditSpool } from '../../runtime/audit/audit-spool.ts';
import { AuditWriter } from '../../runtime/audit/audit-writer.ts';
import { FollowedRules } from '../../runtime/audit/followed-rules.ts';
import { openDatabase } from '../../runtime/db/database.ts';
import { type GatedDatabase, gateDatabase } from '../../runtime/db/gated-database.ts';
import { AuditIds } from '../../runtime/kube/audit-id.ts';
import { createKubeClient } from '../../runtime/kube/client.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import type { Registry } from '../../runtime/metrics/metrics.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { Decisions } from '../auth/decisions.ts';
import { CredentialWatch } from '../auth/keys/credential-watch.ts';
import { Machines } from '../machines/machines.ts';
import type { FeedPorts, StreamFeeds } from '../sessions/feeds.ts';
import { followPolicies, SessionPolicies } from '../sessions/policies.ts';
import { createPolicyMetrics } from '../sessions/policy-metrics.ts';
import type { GatewaySettings } from '../settings.ts';
import { type Sharing, startSharing } from '../sharing/start-sharing.ts';
import { liveCredentials } from '../store/credentials.ts';

export interface GroundOptions<F extends StreamFeeds> {
  readonly settings: GatewaySettings;
  readonly log: Logger;
  readonly registry: Registry;
  /** Of this process alone. */
  readonly spoolDir: string;
  readonly maxConnections: number;
  /** Aborted when nobody stands on it any more. */
  readonly ending: AbortSignal;
  readonly follow: (ports: FeedPorts) => F;
}

/** Dispose it after `ending` was aborted. */
export interface Ground<F extends StreamFeeds = StreamFeeds> extends AsyncDisposable {
  readonly db: Omit<GatedDatabase, 'open'>;
  /** Rejects only when an event is in neither database nor spool. */
  readonly audit: (event: AuditEvent) => Promise<void>;
  /** The same for what somebody else has seen, with its ids and times. */
  readonly auditSeen: (events: readonly StampedEvent[]) => Promise<void>;
  /** The same for who cannot wait. */
  readonly auditStream: (event: AuditEvent) => void;
  /** Of the policies; undefined: not known yet. */
  readonly auditRetention: () => PolicyRetention | undefined;
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly feeds: F;
  readonly machines: Machines;
  readonly credentials: CredentialWatch;
  readonly sharing: Sharing;
  readonly policies: SessionPolicies;
  /** Undefined: the audit log of the API server is not taken. */
  readonly auditIds: AuditIds | undefined;
  readonly now: () => Date;
  /** Resolves when the loops have ended. */
  readonly ended: Promise<unknown>;
}

export function startGround<F extends StreamFeeds>(options: GroundOptions<F>): Ground<F> {
  const { settings, log, registry, spoolDir, maxConnections, ending, follow } = options;
  const now = (): Date => new Date();
  const url = settings.databaseUrl;
  const db = gateDatabase(openDatabase({ url, log, maxConnections }), { url, log });
  const { token } = settings.kubernetesAudit;
  const auditIds = token === undefined ? undefined : new AuditIds(token);
  const client = createKubeClient({ kubeconfig: settings.kubeconfig, log, auditIds });
  const rules = new FollowedRules({ client, file: join(spoolDir, 'audit-rules.json'), log });
  const { lost: onLost } = createAuditMetrics(registry, () => !writer.upToDate);
  const writer: AuditWriter = new AuditWriter({
    ...{ db, spool: new AuditSpool(spoolDir), log, now, onLost },
    rules: () => rules.current,
  });
  const audit = (event: AuditEvent): Promise<void> => writer.record(event);
  const auditSeen = (events: readonly StampedEvent[]): Promise<void> => writer.recordStamped(events);
  const auditRetention = (): PolicyRetention | undefined => (rules.known ? rules.current.retention : undefined);
  const auditStream = (event: AuditEvent): void => {
    audit(event).catch((error: unknown) => log.error({ err: error, type: event.type }, 'an audit event is lost'));
  };

  const decisions = new Decisions({ client, now: () => performance.now() });
  const feeds = follow({ client, decisions, log, signal: ending });
  const machines = new Machines({ teams: feeds.teams, accounts: feeds.machineAccounts });
  const credentials = new CredentialWatch({ live: (list) => liveCredentials({ db, machines, now }, list), log });
  const sharing = startSharing({ db, client, feeds, audit: auditStream, log, now, graceMs: settings.moderatorGraceMs });
  const policies = new SessionPolicies({
    audit: auditStream,
    log,
    now: () => performance.now(),
    feedAgeMs: feeds.sessionsAgeMs,
  });
  followPolicies(feeds.sessions, policies);
  createPolicyMetrics(registry, () => policies.staleSeconds());

  const loops = [
    db.open(ending),
    writer.replayLoop(ending),
    rules.loop(ending),
    credentials.loop(ending),
    ...sharing.loops(ending),
  ];
  return {
    ...{
      db,
      audit,
      auditSeen,
      auditStream,
      auditRetention,
      client,
      decisions,
      feeds,
      machines,
      credentials,
      sharing,
      policies,
      auditIds,
      now,
    },
    ended: Promise.allSettled([...loops, feeds.ended]),
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}
