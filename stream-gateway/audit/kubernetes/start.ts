// The audit log of the API server with what it stands on in the gateway; nothing without its token.
import { join } from 'node:path';
import { Router } from 'express';
import { AuditIds } from '../../../runtime/kube/audit-id.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { teamNamespace } from '../../../schemas/kinds/team.ts';
import type { Feeds } from '../../sessions/feeds.ts';
import { followLog } from './follow-log.ts';
import { KubernetesAudit, type KubernetesAuditPorts } from './kubernetes-audit.ts';
import { kubernetesAuditRouter, type ReceivePorts } from './receive.ts';
import { followVersions } from './versions.ts';

export interface KubernetesAuditSettings {
  /** The API server shows it, and our processes mark their requests with it; undefined: its audit log is not taken. */
  readonly token: string | undefined;
  /** The file that the API server on this machine writes. */
  readonly log: string | undefined;
}

export interface StartKubernetesAuditPorts
  extends Pick<KubernetesAuditPorts, 'record' | 'registry' | 'log'>,
    Pick<ReceivePorts, 'audit' | 'guesses'> {
  readonly settings: KubernetesAuditSettings;
  readonly client: KubeClient;
  readonly feeds: Pick<Feeds, 'teams'>;
  readonly spoolDir: string;
  readonly signal: AbortSignal;
}

export function startKubernetesAudit(ports: StartKubernetesAuditPorts): {
  readonly router: Router;
  readonly ended: Promise<unknown>;
} {
  const { settings, client, feeds, record, registry, log, spoolDir, signal } = ports;
  const { token } = settings;
  if (token === undefined) return { router: Router(), ended: Promise.resolve() };
  const { versions, ended } = followVersions({ client, log, signal });
  const taker = new KubernetesAudit({
    ...{ record, registry, log, auditIds: new AuditIds(token) },
    isTeamNamespace: (namespace) =>
      [...feeds.teams.objects.values()].some((team) => (team.status?.namespace ?? teamNamespace(team)) === namespace),
    before: ({ plural, key, version }) => versions.before(plural, key, version),
  });
  const placeFile = join(spoolDir, 'kubernetes-audit-place.json');
  const following = settings.log === undefined ? [] : [followLog({ path: settings.log, placeFile, taker, log }, signal)];
  return {
    router: kubernetesAuditRouter({ token, taker, guesses: ports.guesses, audit: ports.audit }),
    ended: Promise.allSettled([ended, ...following]),
  };
}
