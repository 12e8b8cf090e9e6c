// Every route of /api/v1, and the document made of them.
import * as z from 'zod';
import type { GitSyncJson, TemplateJson } from '../../sessions/kinds-json.ts';
import { type ApiInfo, openApiOf } from '../openapi.ts';
import { type Route, route } from '../route.ts';
import { type AuditPorts, auditRoutes } from './audit/audit.ts';
import { type AuditChainPorts, auditChainRoutes } from './audit/audit-chain.ts';
import { auditExportRoutes } from './audit/audit-export.ts';
import { auditViewRoutes } from './audit/audit-views.ts';
import { errorRoutes } from './errors.ts';
import type { FilePorts } from './files/file-ports.ts';
import { fileRoutes } from './files/files.ts';
import { type ChangeRoutePorts, changeRoutes } from './git/changes.ts';
import { editableRoutes } from './git/editable.ts';
import { type GitSyncActionPorts, gitSyncActionRoutes } from './git/git-sync-actions.ts';
import { gitSyncRoutes } from './git/git-syncs.ts';
import { type SyncHistoryPorts, syncHistoryRoutes } from './git/sync-history.ts';
import { type HealthRoutePorts, healthRoutes } from './health.ts';
import type { ListPorts } from './list-ports.ts';
import { type AccessPorts, accessRoutes } from './people/access.ts';
import { type ApiKeyPorts, apiKeyRoutes } from './people/api-keys.ts';
import { type MachineRoutePorts, machineRoutes } from './people/machines.ts';
import { type MePorts, meRoutes } from './people/me.ts';
import { type MyFactorPorts, myFactorRoutes } from './people/my-factors.ts';
import { ownSignInRoutes, type SignInRoutePorts } from './people/own-sign-ins.ts';
import { type PeoplePorts, peopleRoutes } from './people/people.ts';
import { type QuotaRoutePorts, quotaRoutes } from './people/quota.ts';
import { secondFactorRoutes } from './people/second-factor.ts';
import { type TeamPorts, teamRoutes } from './people/teams.ts';
import { type RecordingActionPorts, recordingActionRoutes } from './recordings/recording-actions.ts';
import { type RecordingBytesPorts, recordingBytesRoutes } from './recordings/recording-bytes.ts';
import { recordingRoutes } from './recordings/recordings.ts';
import { type ConsoleRoutePorts, consoleRoutes } from './sessions/consoles.ts';
import { type DisplayLayoutPorts, displayLayoutRoutes } from './sessions/display-layouts.ts';
import { type ParticipantPorts, participantRoutes } from './sessions/participants.ts';
import { type SessionRecordingPorts, sessionRecordingRoutes } from './sessions/session-recording.ts';
import { type SessionPorts, sessionRoutes } from './sessions/sessions.ts';
import { type ShareRoutePorts, shareRoutes } from './sessions/shares.ts';
import { type SnoozeRoutePorts, snoozeRoutes } from './sessions/snooze.ts';
import { type TicketPorts, ticketRoutes } from './sessions/tickets.ts';
import { type VisitRoutePorts, visitRoutes } from './sessions/visits.ts';
import { templateRoutes } from './templates.ts';

export interface RoutePorts {
  readonly me: MePorts;
  readonly templates: ListPorts<TemplateJson>;
  readonly gitSyncs: ListPorts<GitSyncJson>;
  readonly gitSyncActions: GitSyncActionPorts;
  readonly changes: ChangeRoutePorts;
  readonly syncHistory: SyncHistoryPorts;
  readonly sessions: SessionPorts;
  readonly snooze: SnoozeRoutePorts;
  readonly quota: QuotaRoutePorts;
  readonly tickets: TicketPorts;
  readonly consoles: ConsoleRoutePorts;
  readonly sharing: ShareRoutePorts & ParticipantPorts & VisitRoutePorts;
  readonly files: FilePorts;
  readonly apiKeys: ApiKeyPorts;
  readonly machines: MachineRoutePorts;
  readonly factors: MyFactorPorts;
  readonly people: PeoplePorts & SignInRoutePorts;
  readonly displayLayouts: DisplayLayoutPorts;
  readonly recordings: RecordingActionPorts & RecordingBytesPorts & SessionRecordingPorts;
  readonly audit: AuditPorts & AuditChainPorts;
  readonly access: AccessPorts;
  readonly teams: TeamPorts;
  readonly health: HealthRoutePorts;
  readonly info: ApiInfo;
}

export function apiRoutes(ports: RoutePorts): readonly Route[] {
  const routes: readonly Route[] = [
    ...meRoutes(ports.me),
    ...apiKeyRoutes(ports.apiKeys),
    ...secondFactorRoutes(ports.factors),
    ...myFactorRoutes(ports.factors),
    ...ownSignInRoutes(ports.people),
    ...peopleRoutes(ports.people),
    ...displayLayoutRoutes(ports.displayLayouts),
    ...templateRoutes(ports.templates),
    ...sessionRoutes(ports.sessions),
    ...snoozeRoutes(ports.snooze),
    ...quotaRoutes(ports.quota),
    ...ticketRoutes(ports.tickets),
    ...consoleRoutes(ports.consoles),
    ...shareRoutes(ports.sharing),
    ...participantRoutes(ports.sharing),
    ...visitRoutes(ports.sharing),
    ...fileRoutes(ports.files),
    ...gitSyncRoutes(ports.gitSyncs),
    ...gitSyncActionRoutes(ports.gitSyncActions),
    ...changeRoutes(ports.changes),
    ...editableRoutes(ports.teams),
    ...syncHistoryRoutes(ports.syncHistory),
    ...recordingRoutes(ports.recordings),
    ...recordingBytesRoutes(ports.recordings),
    ...recordingActionRoutes(ports.recordings),
    ...sessionRecordingRoutes(ports.recordings),
    ...auditRoutes(ports.audit),
    ...auditExportRoutes(ports.audit),
    ...auditViewRoutes(ports.audit),
    ...auditChainRoutes(ports.audit),
    ...accessRoutes(ports.access),
    ...teamRoutes(ports.teams),
    ...healthRoutes(ports.health),
    ...machineRoutes(ports.machines),
    ...errorRoutes(),
  ];
  const all: readonly Route[] = [
    ...routes,
    route({
      method: 'get',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This document.',
      tag: 'Meta',
      responses: { 200: { name: 'OpenApi', schema: z.record(z.string(), z.unknown()) } },
      public: true,
      handle: async () => ({ status: 200, body: document }),
    }),
  ];
  const document = openApiOf(all, ports.info);
  return all;
}
