// What belongs to a session in the cluster: by owner reference, which nobody has by accident, never by name alone.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { CONTROLLER_FIELD_MANAGER, LABELS } from '../../../schemas/names.ts';
import type { ObjectCache, Ownership } from '../wanted.ts';
import { homeName, passwordName } from './objects.ts';
import type { PodView, StatefulSetView } from './world.ts';

export interface ChildrenPorts {
  readonly client: Pick<KubeClient, 'find' | 'mergePatch' | 'delete'>;
  readonly cache: ObjectCache;
}

export function ownerUid(object: KubeObjectJson): string | undefined {
  return object.metadata.ownerReferences?.find(({ kind, controller }) => kind === 'Session' && controller === true)?.uid;
}

/** An object of a session that is gone, and one that is going, make room by themselves; anything else stays untouched. */
export function ownershipOf(session: Session, object: KubeObjectJson): Ownership {
  const owner = ownerUid(object);
  if (owner !== undefined && owner !== session.metadata.uid) return 'waiting';
  if (object.metadata.deletionTimestamp !== undefined) return 'waiting';
  return owner === undefined ? 'foreign' : 'ours';
}

/** From the cache. */
export function childOf<T>(cache: ObjectCache, session: Session, resource: Resource, name: string): T | undefined {
  const object = cache.find<KubeObjectJson & T>(resource, session.metadata.namespace, name);
  return object !== undefined && ownerUid(object) === session.metadata.uid ? object : undefined;
}

/** From the cache, or from the API server for one that was only just made. */
export async function statefulSetOf(
  { client, cache }: ChildrenPorts,
  session: Session,
  signal: AbortSignal,
): Promise<StatefulSetView | undefined> {
  const { namespace, name, uid } = session.metadata;
  const cached = childOf<StatefulSetView>(cache, session, RESOURCES.statefulSets, name);
  if (cached !== undefined) return cached;
  const live = await client.find<KubeObjectJson & StatefulSetView>(RESOURCES.statefulSets, namespace, name, { signal });
  return live !== undefined && ownerUid(live) === uid ? live : undefined;
}

/** Its owner is the StatefulSet; the label is ours, and the name is that of the only replica. */
export function podOf(cache: ObjectCache, { metadata }: Session): PodView | undefined {
  const pod = cache.find<PodView>(RESOURCES.pods, metadata.namespace, `${metadata.name}-0`);
  return pod?.metadata.labels?.[LABELS.session] === metadata.name ? pod : undefined;
}

/** Scales to nothing and keeps everything else. @returns whether the pod is gone */
export async function stopDesktop(ports: ChildrenPorts, session: Session, signal: AbortSignal): Promise<boolean> {
  const statefulSet = await statefulSetOf(ports, session, signal);
  if (statefulSet !== undefined && statefulSet.spec.replicas !== 0) {
    const { namespace, name } = session.metadata;
    const patch = { metadata: { uid: statefulSet.metadata.uid }, spec: { replicas: 0 } };
    await ports.client.mergePatch(RESOURCES.statefulSets, namespace, name, patch, {
      fieldManager: CONTROLLER_FIELD_MANAGER,
      signal,
    });
  }
  return podOf(ports.cache, session) === undefined && (statefulSet === undefined || hasNoPods(statefulSet));
}

function hasNoPods({ metadata, status }: StatefulSetView): boolean {
  return status?.observedGeneration === metadata.generation && (status?.replicas ?? 0) === 0;
}

/** Desktop, password and home; the owner's right to the record stays. @returns whether all of it is gone */
export async function removeForGood(ports: ChildrenPorts, session: Session, signal: AbortSignal): Promise<boolean> {
  const { name } = session.metadata;
  const ending: readonly (readonly [Resource, string])[] = [
    [RESOURCES.statefulSets, name],
    [RESOURCES.services, name],
    [RESOURCES.secrets, passwordName(name)],
    [RESOURCES.persistentVolumeClaims, homeName(name)],
  ];
  const gone = await Promise.all(ending.map(([resource, child]) => remove(ports.client, session, resource, child, signal)));
  return gone.every(Boolean) && podOf(ports.cache, session) === undefined;
}

/** @returns whether it is gone; where it is only going, its end is an event */
async function remove(
  client: ChildrenPorts['client'],
  session: Session,
  resource: Resource,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { namespace, uid } = session.metadata;
  const find = async (): Promise<KubeObjectJson | undefined> => {
    const object = await client.find<KubeObjectJson>(resource, namespace, name, { signal });
    return object !== undefined && ownerUid(object) === uid ? object : undefined;
  };
  const object = await find();
  if (object === undefined) return true;
  if (object.metadata.deletionTimestamp !== undefined) return false;
  await client.delete(resource, namespace, name, { uid: object.metadata.uid ?? '', signal });
  return (await find()) === undefined;
}

/** A pod that cannot run and is of an older template than the StatefulSet has now: nobody loses anything by a new try. */
export async function replaceOutdatedPod(
  client: ChildrenPorts['client'],
  statefulSet: StatefulSetView,
  pod: PodView | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { observedGeneration, updateRevision } = statefulSet.status ?? {};
  const revision = pod?.metadata.labels?.['controller-revision-hash'];
  if (pod === undefined || revision === undefined || updateRevision === undefined) return;
  if (revision === updateRevision || observedGeneration !== statefulSet.metadata.generation) return;
  const { namespace, name, uid = '' } = pod.metadata;
  await client.delete(RESOURCES.pods, namespace, name, { uid, signal });
}
