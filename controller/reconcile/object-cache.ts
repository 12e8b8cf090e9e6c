// Everything the reconcilers of Team, Session, Template, policies and shares watch: one reflector a resource, read as one cache.

import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Reflector, Resource } from '../../runtime/kube/types.ts';
import { type ReflectorTimings, startReflector } from '../../runtime/kube/watch/reflector.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { LABELS, MANAGED_BY } from '../../schemas/names.ts';
import { groupResource, type WatchAge } from './drift/drift-metrics.ts';
import type { CacheOfAll } from './wanted.ts';

export interface Watched {
  readonly resource: Resource;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
}

const MADE_BY_US = `${LABELS.managedBy}=${MANAGED_BY}`;

export const WATCHED: readonly Watched[] = [
  { resource: RESOURCES.sessions },
  { resource: RESOURCES.templates },
  { resource: RESOURCES.teams },
  { resource: RESOURCES.dlpPolicies },
  { resource: RESOURCES.recordingPolicies },
  { resource: RESOURCES.sessionPolicies },
  { resource: RESOURCES.signInPolicies },
  { resource: RESOURCES.networkProfiles },
  { resource: RESOURCES.sessionShares },
  { resource: RESOURCES.quotas },
  { resource: RESOURCES.accessRoles },
  { resource: RESOURCES.accessBindings },
  { resource: RESOURCES.identityProviders },
  // For the commit that a policy was applied from.
  { resource: RESOURCES.gitSyncs },
  // CPU hours of sessions that are deleted.
  { resource: RESOURCES.configMaps, labelSelector: LABELS.usage },
  { resource: RESOURCES.namespaces, labelSelector: LABELS.team },
  { resource: RESOURCES.networkPolicies, labelSelector: MADE_BY_US },
  { resource: RESOURCES.roles, labelSelector: MADE_BY_US },
  { resource: RESOURCES.roleBindings, labelSelector: MADE_BY_US },
  { resource: RESOURCES.serviceAccounts, labelSelector: LABELS.machine },
  { resource: RESOURCES.clusterRoles, labelSelector: LABELS.accessRole },
  { resource: RESOURCES.clusterRoleBindings, labelSelector: LABELS.accessBinding },
  { resource: RESOURCES.statefulSets, labelSelector: LABELS.session },
  { resource: RESOURCES.services, labelSelector: LABELS.session },
  { resource: RESOURCES.persistentVolumeClaims, labelSelector: LABELS.session },
  // Whether it is there is all we ask: passwords stay out of our memory.
  { resource: RESOURCES.secrets, labelSelector: LABELS.session, metadataOnly: true },
  { resource: RESOURCES.pods, labelSelector: LABELS.session },
  // The only place where a StatefulSet says why it may not make its pod.
  { resource: RESOURCES.events, fieldSelector: 'involvedObject.kind=StatefulSet,reason=FailedCreate' },
];

/** `before`: what the cache held until now. */
export type OnChange = (resource: Resource, object: KubeObjectJson, before: KubeObjectJson | undefined, gone: boolean) => void;

export interface WatchedCache extends CacheOfAll {
  /** Resolves when every list has been read once. */
  readonly synced: Promise<void>;
  readonly isSynced: () => boolean;
  /** Since each watch last heard anything. */
  readonly ages: () => readonly WatchAge[];
  readonly ended: Promise<void>;
}

export function startObjectCache(options: {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onChange: OnChange;
  readonly watched?: readonly Watched[];
  readonly timings?: Partial<ReflectorTimings>;
}): WatchedCache {
  const { client, log, signal, onChange } = options;
  const reflectors = new Map<string, Reflector<KubeObjectJson>>();
  const names: (readonly [Resource, Reflector<KubeObjectJson>])[] = [];
  for (const { resource, ...selection } of options.watched ?? WATCHED) {
    const seen = new Map<string, KubeObjectJson>();
    const reflector = startReflector<KubeObjectJson>(
      {
        client,
        resource,
        ...selection,
        signal,
        onError: (error) => log.warn({ err: error, resource: resource.plural }, 'watch failed'),
        onEvent: (event) => {
          if (event.type === 'synced') return;
          const id = keyOf(event.object.metadata.namespace, event.object.metadata.name);
          const before = seen.get(id);
          const gone = event.type === 'deleted';
          if (gone) seen.delete(id);
          else seen.set(id, event.object);
          onChange(resource, event.object, before, gone);
        },
      },
      options.timings,
    );
    reflectors.set(resource.plural, reflector);
    names.push([resource, reflector]);
  }
  const all = [...reflectors.values()];
  let synced = false;
  const allSynced = Promise.all(all.map((reflector) => reflector.synced)).then(() => {
    synced = true;
  });
  allSynced.catch(() => undefined);
  return {
    synced: allSynced,
    isSynced: () => synced,
    ages: () => names.map(([resource, reflector]) => ({ resource: groupResource(resource), ageMs: reflector.ageMs() })),
    ended: Promise.all(all.map((reflector) => reflector.ended)).then(() => undefined),
    all: <T>(resource: Resource) => (reflectors.get(resource.plural)?.store.values() ?? []) as Iterable<T>,
    find: <T>(resource: Resource, namespace: string | undefined, name: string) =>
      reflectors.get(resource.plural)?.store.get(keyOf(namespace, name)) as T | undefined,
    list: (resource, namespace) =>
      [...(reflectors.get(resource.plural)?.store.values() ?? [])].filter((object) => object.metadata.namespace === namespace),
  };
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
