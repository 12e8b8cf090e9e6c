// What of a GitSync is in the cluster now: one metadata-only list a kind, by the owner label, with the controller's own rights.
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { ANNOTATIONS, LABELS } from '../../schemas/names.ts';
import type { Leaving } from '../plan/input.ts';
import type { Inventory } from '../plan/inventory.ts';
import { type ObjectId, objectId, partsOf } from '../render/manifest.ts';
import { type JsonObject, textAt } from '../render/yaml/json.ts';
import { orderWishOf } from '../validate/order-wishes.ts';
import { eachLimited, readExact } from './cluster.ts';
import { countInstances } from './instances.ts';
import { resourceOfEntry } from './kinds.ts';
import { ownerLabel, type SyncName } from './ownership.ts';
import type { SyncTarget } from './target.ts';

/** Metadata by id. */
export type LiveMetadata = ReadonlyMap<ObjectId, JsonObject>;

const CONCURRENCY = 8;

/** As the client gives it, digit by digit. */
export type LiveObject = JsonObject & KubeObjectJson;

/** What was found, and which kinds were asked for: of those, what is not among it is not there. */
export interface Listed {
  readonly live: LiveMetadata;
  /** `group/plural` */
  readonly kinds: ReadonlySet<string>;
}

export const NOTHING_LISTED: Listed = { live: new Map(), kinds: new Set() };

/** @param known what was listed already; its kinds are not asked for again */
export async function listOwned(
  client: Pick<KubeClient, 'list'>,
  resources: readonly Resource[],
  owner: SyncName,
  signal: AbortSignal,
  known: Listed,
): Promise<Listed> {
  const unique = new Map(resources.map((each) => [`${each.group}/${each.plural}`, each]));
  for (const kind of known.kinds) unique.delete(kind);
  if (unique.size === 0) return known;
  const found = new Map(known.live);
  await eachLimited([...unique.values()], CONCURRENCY, async (resource) => {
    const labelSelector = `${LABELS.gitSync}=${ownerLabel(owner)}`;
    const { items } = await client.list<LiveObject>(resource, { labelSelector, metadataOnly: true, signal });
    for (const item of items) found.set(idOf(resource, item), item);
  });
  return { live: found, kinds: new Set([...known.kinds, ...unique.keys()]) };
}

export function idOf({ group, kind }: Resource, { metadata }: KubeObjectJson): ObjectId {
  return objectId({ group, kind, namespace: metadata.namespace ?? '', name: metadata.name });
}

/** The state of what the inventory holds and Git no longer does, and where each is. */
export async function readLeaving(
  target: SyncTarget,
  inventory: Inventory,
  wanted: ReadonlySet<ObjectId>,
  signal: AbortSignal,
): Promise<{ readonly leaving: ReadonlyMap<ObjectId, Leaving>; readonly resources: ReadonlyMap<ObjectId, Resource> }> {
  const leaving = new Map<ObjectId, Leaving>();
  const resources = new Map<ObjectId, Resource>();
  const entries = [...inventory.values()].filter(({ id }) => !wanted.has(id));
  const known = new Map<string, Resource | undefined>();
  for (const entry of entries) {
    const { group, kind } = partsOf(entry.id);
    const key = `${group}/${entry.version}/${kind}`;
    if (!known.has(key)) known.set(key, await resourceOfEntry(target.mapper, target.own, entry, signal));
    const resource = known.get(key);
    if (resource !== undefined) resources.set(entry.id, resource);
  }
  await eachLimited(entries, CONCURRENCY, async ({ id }) => {
    const resource = resources.get(id);
    if (resource === undefined) return;
    const { namespace, name } = partsOf(id);
    // One by one and not from the list: what lost its label must be seen too.
    const live = await readExact(target.own, { resource, namespace: namespace === '' ? undefined : namespace, name }, signal);
    if (live === undefined) return;
    const instances = await countInstances(target.own, live, signal);
    leaving.set(id, { ...leavingOf(live), ...(instances === undefined ? {} : { instances }) });
  });
  return { leaving, resources };
}

function leavingOf(live: JsonObject): Leaving {
  const prune = textAt(live, 'metadata', 'annotations', ANNOTATIONS.prune);
  return {
    uid: textAt(live, 'metadata', 'uid') ?? '',
    owner: textAt(live, 'metadata', 'annotations', ANNOTATIONS.gitSync),
    pruneDisabled: prune === 'disabled',
    pruneConfirm: prune === 'confirm',
    pruneLast: prune === 'last',
    order: orderWishOf(live),
  };
}
