// Whom a change wakes that may alter what is in use, or who may start. Pure.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { FINALIZERS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { limitsHours } from '../../schemas/quota/world.ts';
import { waitsForRoom } from './quota/quota-world.ts';
import type { Known, Woken } from './woken.ts';

type KnownToQuotas = Pick<Known, 'sessions' | 'quotas'>;

/** @param news whether somebody wished something, or it is new or gone; status and labels are looked at here */
export function quotasWokenBy(
  resource: Resource,
  object: KubeObjectJson,
  before: KubeObjectJson | undefined,
  known: KnownToQuotas,
  news: boolean,
): readonly Woken[] {
  const { namespace = '', name } = object.metadata;
  switch (resource.plural) {
    case RESOURCES.quotas.plural:
      return news ? [{ kind: 'Quota', key: { namespace, name } }, ...waiting(known, namespace), ...kept(object, known)] : [];
    case RESOURCES.sessions.plural:
      // What is told to one that waits is neither more nor less room.
      if (before !== undefined && !news && isDeepStrictEqual(countedIn(object), countedIn(before))) return [];
      return [...quotasIn(known, [namespace, SYSTEM_NAMESPACE]), ...waiting(known, SYSTEM_NAMESPACE)];
    case RESOURCES.namespaces.plural:
      return isDeepStrictEqual(object.metadata.labels, before?.metadata.labels) ? [] : quotasIn(known, [name]);
    default:
      return [];
  }
}

/** All of a session that may change what is in use, or who is ahead. */
function countedIn(object: KubeObjectJson): unknown {
  const { status } = object as KubeObjectJson & Session;
  return [status?.admission, status?.usage, status?.templateRef, status?.phase === 'Failed', status?.phase === 'Terminated'];
}

function quotasIn({ quotas = [] }: KnownToQuotas, namespaces: readonly string[]): readonly Woken[] {
  return [...quotas]
    .filter(({ metadata }) => namespaces.includes(metadata.namespace ?? ''))
    .map(({ metadata: { namespace = '', name } }) => ({ kind: 'Quota', key: { namespace, name } }));
}

/** Where hours are limited, sessions are kept for the ledger when they are deleted. */
function kept(object: KubeObjectJson, { sessions }: KnownToQuotas): readonly Woken[] {
  if (!limitsHours(object as KubeObjectJson & Quota)) return [];
  return [...sessions]
    .filter(({ metadata }) => !(metadata.finalizers ?? []).includes(FINALIZERS.session))
    .map(({ metadata: { namespace = '', name } }) => ({ kind: 'Session', key: { namespace, name } }));
}

/** @param place a quota of the system is for all */
function waiting({ sessions }: KnownToQuotas, place: string): readonly Woken[] {
  return [...sessions]
    .filter((session) => waitsForRoom(session) && (place === SYSTEM_NAMESPACE || session.metadata.namespace === place))
    .map(({ metadata: { namespace = '', name } }) => ({ kind: 'Session', key: { namespace, name } }));
}
