// S-046: how many objects a definition takes with it, asked for with the controller's own rights: whoever may delete the
// definition need not be allowed to see them.
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import { pathOf } from '../../runtime/kube/paths.ts';
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import type { Leaving } from '../plan/input.ts';
import { groupOf } from '../render/manifest.ts';
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';

/** One page of one object and the number of the rest: the count costs the same for ten objects and for a million. */
interface CountedList {
  readonly metadata: { readonly remainingItemCount?: number };
  readonly items: readonly unknown[] | null;
}

/** `undefined` for anything but a definition that is served. */
export async function countInstances(
  client: Pick<KubeClient, 'json'>,
  live: JsonObject,
  signal: AbortSignal,
): Promise<Leaving['instances']> {
  const resource = definedBy(live);
  if (resource === undefined) return undefined;
  try {
    const page = await client.json<CountedList>({ method: 'GET', path: pathOf(resource, {}), query: { limit: 1 }, signal });
    return { kind: resource.kind, count: (page.items?.length ?? 0) + (page.metadata.remainingItemCount ?? 0) };
  } catch (error) {
    if (isStatus(error, 404)) return undefined; // it is not served any more
    throw error;
  }
}

function definedBy(object: JsonObject): Resource | undefined {
  if (textAt(object, 'kind') !== 'CustomResourceDefinition') return undefined;
  if (groupOf(textAt(object, 'apiVersion') ?? '') !== 'apiextensions.k8s.io') return undefined;
  const versions = at(object, 'spec', 'versions');
  const served = Array.isArray(versions)
    ? (versions as readonly JsonValue[]).find((each) => isJsonObject(each) && each['served'] === true)
    : undefined;
  const version = textAt(served, 'name');
  const group = textAt(object, 'spec', 'group');
  const plural = textAt(object, 'spec', 'names', 'plural');
  const kind = textAt(object, 'spec', 'names', 'kind');
  if (version === undefined || group === undefined || plural === undefined || kind === undefined) return undefined;
  return { group, version, plural, kind, namespaced: textAt(object, 'spec', 'scope') === 'Namespaced' };
}
