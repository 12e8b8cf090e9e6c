// The finalizer of a session, which it has only where a Quota limits CPU hours: no hour is lost with a session that somebody deletes, also
// while no controller runs. Elsewhere there is none to get stuck on.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { Quota } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { FINALIZERS, LABELS } from '../../../schemas/names.ts';
import { placesOf } from '../../../schemas/quota/places.ts';
import { limitsHours } from '../../../schemas/quota/world.ts';
import { addFinalizer, removeFinalizer } from '../finalizer.ts';
import { templatePlaces } from '../template/ref.ts';
import type { CacheOfAll } from '../wanted.ts';
import { closeUsage, type UsageLedgerPorts } from './usage-ledger.ts';

export interface UsageKeptPorts {
  readonly client: UsageLedgerPorts['client'] & Pick<KubeClient, 'mergePatch'>;
  readonly cache: Pick<CacheOfAll, 'all' | 'find'>;
}

/** Before anything is counted of it. @returns the session as it is then; undefined: it is gone */
export async function keptForLedger(
  { client, cache }: UsageKeptPorts,
  session: Session,
  signal: AbortSignal,
): Promise<Session | undefined> {
  if ((session.metadata.finalizers ?? []).includes(FINALIZERS.session)) return session;
  if (!hoursAreLimited(session, cache)) return session;
  await addFinalizer(client, RESOURCES.sessions, session, FINALIZERS.session);
  const { namespace, name } = session.metadata;
  return await client.find<Session>(RESOURCES.sessions, namespace, name, { signal });
}

/** By a quota that counts it, now or as soon as it has started. */
function hoursAreLimited({ metadata, spec, status }: Session, cache: UsageKeptPorts['cache']): boolean {
  const quotas = [...cache.all<Quota>(RESOURCES.quotas)].filter(limitsHours);
  if (quotas.length === 0) return false;
  const { namespace = '' } = metadata;
  const team = cache.find(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team];
  const templates = [
    ...templatePlaces(spec.template, namespace),
    ...(status?.templateRef === undefined ? [] : [status.templateRef]),
  ];
  return templates.some(({ namespace: place, name }) => {
    // Whether an override has ended makes no difference: what it lifts now it limits then.
    const counted = { namespace, team, owner: spec.owner, template: `${place}/${name}` };
    return placesOf(quotas, counted, 0).length > 0;
  });
}

/**
 * Of one that is being deleted: it was over when somebody did so, however late we come to know.
 * @param meter now, by the clock that never jumps
 */
export async function closeForGood(ports: UsageKeptPorts, session: Session, meter: Date, signal: AbortSignal): Promise<void> {
  const { deletionTimestamp = '', finalizers = [] } = session.metadata;
  if (!finalizers.includes(FINALIZERS.session)) return;
  await closeUsage(ports, session, Math.min(meter.getTime(), Date.parse(deletionTimestamp)), signal);
  await removeFinalizer(ports.client, RESOURCES.sessions, session, FINALIZERS.session);
}
