// Which path each kind of the set has on the API server.
import type { KubeClient, Resource, ResourceMapper } from '../../runtime/kube/types.ts';
import type { InventoryEntry } from '../plan/inventory.ts';
import { type Manifest, partsOf } from '../render/manifest.ts';
import type { Scopes } from '../validate/scopes.ts';

/** Keyed `apiVersion kind`; what the API server does not serve is missing. */
export type ServedKinds = ReadonlyMap<string, Resource>;

export function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

export async function resolveKinds(
  mapper: ResourceMapper,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): Promise<ServedKinds> {
  const served = new Map<string, Resource>();
  const asked = new Set<string>();
  for (const { apiVersion, kind } of manifests) {
    const key = kindKey(apiVersion, kind);
    if (asked.has(key)) continue;
    asked.add(key);
    const resource = await mapper.resourceOf(apiVersion, kind, { signal });
    if (resource !== undefined) served.set(key, resource);
  }
  return served;
}

export function scopesOf(served: ServedKinds): Scopes {
  return new Map(
    [...served.values()].map(
      ({ group, kind, namespaced }) => [`${group}/${kind}`, namespaced ? 'Namespaced' : 'Cluster'] as const,
    ),
  );
}

/**
 * Where an object of the inventory is now. Its version may be served no more: then the one that the group prefers is taken.
 * `undefined`: the kind is gone, and its objects with it.
 */
export async function resourceOfEntry(
  mapper: ResourceMapper,
  client: Pick<KubeClient, 'json'>,
  entry: InventoryEntry,
  signal: AbortSignal,
): Promise<Resource | undefined> {
  const { group, kind } = partsOf(entry.id);
  const inGroup = (version: string): string => (group === '' ? version : `${group}/${version}`);
  const found = await mapper.resourceOf(inGroup(entry.version), kind, { signal });
  if (found !== undefined || group === '') return found;
  const { groups } = await client.json<{ groups: readonly { name: string; versions: readonly { version: string }[] }[] }>({
    method: 'GET',
    path: '/apis',
    signal,
  });
  for (const { version } of groups.find(({ name }) => name === group)?.versions ?? []) {
    const other = await mapper.resourceOf(inGroup(version), kind, { signal });
    if (other !== undefined) return other;
  }
  return undefined;
}
