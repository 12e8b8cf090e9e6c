// What counts for quotas, as the controller's caches have it.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Quota } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { Team } from '../../../schemas/kinds/team.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { LABELS } from '../../../schemas/names.ts';
import { monthOf } from '../../../schemas/quota/hours.ts';
import { type LedgerObject, ledgerOf } from '../../../schemas/quota/ledger.ts';
import type { QuotaWorld } from '../../../schemas/quota/world.ts';
import type { CacheOfAll } from '../wanted.ts';
import type { QuotaFigures } from './quota-metrics.ts';

export function worldFrom(cache: CacheOfAll, nowMs: number, sessions: Iterable<Session>): QuotaWorld {
  const teamOf = (namespace: string): string | undefined =>
    cache.find(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team];
  return {
    sessions,
    quotas: [...cache.all<Quota>(RESOURCES.quotas)],
    templateOf: (namespace, name) => cache.find<Template>(RESOURCES.templates, namespace, name),
    teamOf,
    priorityOfTeam: (namespace) => cache.find<Team>(RESOURCES.teams, undefined, teamOf(namespace) ?? '')?.spec.priority,
    ledger: ledgerOf(cache.all<LedgerObject>(RESOURCES.configMaps), monthOf(nowMs)),
    nowMs,
  };
}

/** As the last statuses say. */
export function quotaFigures(cache: CacheOfAll): QuotaFigures {
  const quotas = [...cache.all<Quota>(RESOURCES.quotas)];
  const inState = (type: string): number =>
    quotas.filter(({ status }) => status?.conditions?.some((each) => each.type === type && each.status === 'True')).length;
  let waiting = 0;
  for (const session of cache.all<Session>(RESOURCES.sessions)) if (waitsForRoom(session)) waiting += 1;
  return { over: inState('OverQuota'), near: inState('NearLimit'), waiting };
}

export function waitsForRoom({ status }: Session): boolean {
  return status?.phase === 'Pending' && status.reason === 'QuotaExceeded';
}
