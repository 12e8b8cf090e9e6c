// The routes of the API with what they stand on.
import type { Database } from '../runtime/db/database.ts';
import type { KubeClient, KubeObjectJson } from '../runtime/kube/types.ts';
import { createResourceMapper } from '../runtime/kube/watch/mapper.ts';
import type { AuditEvent } from '../schemas/events.ts';
import { SYSTEM_NAMESPACE } from '../schemas/names.ts';
import type { CheckpointObjects } from './audit/checkpoints.ts';
import type { KeyGuesses } from './auth/authenticate.ts';
import type { Decisions } from './auth/decisions.ts';
import type { TakeBack } from './auth/keys/take-back.ts';
import type { SignIns } from './auth/sign-in/start-sign-ins.ts';
import { changeAccess } from './changes/present.ts';
import type { Health } from './health/health.ts';
import type { WatchHub } from './http/live/hub.ts';
import type { Route } from './http/route.ts';
import { apiRoutes } from './http/routes/all.ts';
import type { FilePorts } from './http/routes/files/file-ports.ts';
import type { ListPorts } from './http/routes/list-ports.ts';
import { type KeptObjects, segmentReader } from './recording/library/objects.ts';
import { dataKeyReader } from './recording/library/opened-segment.ts';
import { gitSyncAccess, sessionAccess, templateAccess } from './sessions/access.ts';
import type { Feeds } from './sessions/feeds.ts';
import { membershipsOf } from './sessions/teams.ts';
import type { Presence } from './sharing/presence.ts';
import type { Shares } from './sharing/shares.ts';
import type { Person } from './store/people.ts';

export interface GatewayRoutePorts {
  readonly client: KubeClient;
  readonly db: Database;
  readonly decisions: Decisions;
  readonly feeds: Pick<Feeds, 'sessions' | 'templates' | 'gitSyncs' | 'teams' | 'quotas' | 'usage' | 'changes'>;
  readonly hub: WatchHub;
  readonly files: FilePorts;
  readonly now: () => Date;
  readonly shares: Shares;
  readonly presence: Pick<Presence, 'ring'>;
  readonly linkGuesses: KeyGuesses;
  readonly publicUrl: string;
  readonly signIns: SignIns;
  readonly takeBack: TakeBack;
  readonly health: Health;
  readonly audit: (event: AuditEvent) => Promise<void>;
  /** Of the audit log; undefined: there is no storage for them. */
  readonly checkpoints: Pick<CheckpointObjects, 'get' | 'list'> | undefined;
  readonly recordings: { readonly objects: Pick<KeptObjects, 'get'> | undefined; readonly wakeDeletion: () => void };
}

export function gatewayRoutes(ports: GatewayRoutePorts): readonly Route[] {
  const { client, db, decisions, feeds, hub, now, shares, presence, publicUrl } = ports;
  const teams = () => feeds.teams.objects.values();
  const namespacesOf = (person: Person): readonly string[] => [
    SYSTEM_NAMESPACE,
    ...membershipsOf(person, teams()).map((team) => team.namespace),
  ];
  const listPorts = <T extends KubeObjectJson>(kind: Pick<ListPorts<T>, 'feed' | 'accessIn'>): ListPorts<T> => ({
    client,
    decisions,
    hub,
    namespacesOf,
    ...kind,
  });
  return apiRoutes({
    me: { db, decisions, teams, now },
    templates: listPorts({ feed: feeds.templates, accessIn: templateAccess(decisions) }),
    gitSyncs: listPorts({ feed: feeds.gitSyncs, accessIn: gitSyncAccess(decisions) }),
    gitSyncActions: { client, decisions, now },
    changes: {
      ...listPorts({ feed: feeds.changes, accessIn: changeAccess(decisions) }),
      ...{ gitSyncs: () => feeds.gitSyncs.objects.values(), now, stepUp: ports.signIns.stepUp },
    },
    syncHistory: { client, mapper: createResourceMapper(client), db },
    sessions: { ...listPorts({ feed: feeds.sessions, accessIn: sessionAccess(decisions) }), db, quota: { feeds, now } },
    snooze: { client, decisions, now },
    quota: {
      ...{ client, decisions, db, namespacesOf, quota: { feeds, now } },
      gitSyncs: () => feeds.gitSyncs.objects.values(),
    },
    tickets: { client, decisions, db, shares },
    consoles: { client, decisions, db },
    files: ports.files,
    sharing: { client, decisions, db, shares, presence, publicUrl, now, sessions: feeds.sessions, guesses: ports.linkGuesses },
    apiKeys: { db, now, policies: ports.signIns.policies },
    machines: { client, db, decisions, teams, now, policies: ports.signIns.policies },
    factors: { ...ports.signIns, db, decisions },
    people: { db, decisions, teams, takeBack: ports.takeBack, now },
    displayLayouts: { db },
    recordings: {
      ...{ client, db, now, audit: ports.audit, wakeDeletion: ports.recordings.wakeDeletion },
      asking: { ask: (...question) => decisions.ask(...question), allowed: (...question) => decisions.allowed(...question) },
      readSegment: segmentReader(ports.recordings.objects),
      dataKeyOf: dataKeyReader(client, ports.recordings.objects),
      stepUp: ports.signIns.stepUp,
    },
    audit: { decisions, db, checkpoints: ports.checkpoints, now, teams },
    access: { client, db, decisions, now },
    teams: { client, db, decisions, teams, gitSyncs: () => feeds.gitSyncs.objects.values(), quota: { feeds, now } },
    health: { decisions, health: ports.health },
    info: { title: 'StreamSpace', version: 'v1', url: `${ports.publicUrl}/api/v1` },
  });
}
