// What controllers of the cluster made of the objects of a GitSync: ReplicaSets, Jobs, Pods, as far as the person may list them.
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { ChildView } from '../../schemas/api/syncs.ts';
import { listPage } from '../sessions/lists.ts';
import type { Person } from '../store/people.ts';
import { childHealth } from './child-health.ts';

const CHILDREN: readonly Resource[] = [RESOURCES.replicaSets, RESOURCES.jobs, RESOURCES.pods];
/** Kinds from which any of {@link CHILDREN} comes. */
export const PARENTS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Session',
]);
/** A page of a tree is read often: it must stay cheap for the API server. */
const MAX_NAMESPACES = 20;
const MAX_PER_LIST = 500;

export interface Children {
  of(parent: { readonly kind: string; readonly namespace: string; readonly name: string }): readonly ChildView[];
  readonly leftOut: boolean;
}

export async function childrenIn(
  client: KubeClient,
  person: Person,
  namespaces: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Children> {
  const byOwner = new Map<string, KubeObjectJson[]>();
  let leftOut = namespaces.size > MAX_NAMESPACES;
  for (const namespace of [...namespaces].slice(0, MAX_NAMESPACES)) {
    const pages = await Promise.all(CHILDREN.map((resource) => page(client, resource, { person, namespace, signal })));
    for (const { items, more } of pages) {
      leftOut ||= more;
      for (const object of items) {
        const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
        if (owner === undefined) continue;
        const key = keyOf({ kind: owner.kind, namespace, name: owner.name });
        byOwner.set(key, [...(byOwner.get(key) ?? []), object]);
      }
    }
  }
  const of: Children['of'] = (parent) => (byOwner.get(keyOf(parent)) ?? []).filter(isInUse).map((object) => present(object, of));
  return { of, leftOut };
}

function keyOf({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${kind}/${namespace}/${name}`;
}

/** What the person may not list is left out, and said to be. */
async function page(
  client: KubeClient,
  resource: Resource,
  wish: { readonly person: Person; readonly namespace: string; readonly signal: AbortSignal },
): Promise<{ readonly items: readonly KubeObjectJson[]; readonly more: boolean }> {
  try {
    const list = await listPage(client, resource, { ...wish, limit: MAX_PER_LIST });
    return { items: list.items, more: list.continue !== undefined };
  } catch (error) {
    if (error instanceof KubeStatusError && (error.statusCode === 403 || error.statusCode === 404))
      return { items: [], more: true };
    throw error;
  }
}

/** A Deployment keeps ten ReplicaSets of the past; they are no part of what runs. */
function isInUse(object: KubeObjectJson): boolean {
  return object.kind !== 'ReplicaSet' || (object['spec'] as { readonly replicas?: number } | undefined)?.replicas !== 0;
}

function present(object: KubeObjectJson, of: Children['of']): ChildView {
  const { kind } = object;
  const { name, namespace = '' } = object.metadata;
  return { kind, namespace, name, ...childHealth(object), children: of({ kind, namespace, name }) };
}
