// Keeps the inventory in ConfigMaps beside the GitSync, compressed, owned by it. An entry never moves to another ConfigMap, so
// each write is safe on its own; `base64 -d | gunzip` reads them.
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { API_GROUP_VERSION, CONTROLLER_FIELD_MANAGER, LABELS, MANAGED_BY } from '../../schemas/names.ts';
import { type Inventory, type InventoryEntry, sameInventory } from '../plan/inventory.ts';
import type { ObjectId } from '../render/manifest.ts';

export interface InventoryOwner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface StoredInventory {
  readonly entries: Inventory;
  /** In which ConfigMap each entry stands, counting from 0. */
  readonly shardOf: ReadonlyMap<ObjectId, number>;
  readonly shards: number;
}

/** About 60 bytes an entry compressed: far below the 1 MB that a ConfigMap holds. */
const ENTRIES_PER_SHARD = 5_000;
const KEY = 'inventory.json.gz';

const stored = z.array(z.object({ id: z.string(), version: z.string() }));

export function inventoryName(owner: Pick<InventoryOwner, 'name'>, shard: number): string {
  return `${owner.name}-inventory-${shard}`;
}

export async function loadInventory(
  client: Pick<KubeClient, 'find'>,
  owner: InventoryOwner,
  signal: AbortSignal,
): Promise<StoredInventory> {
  const entries = new Map<ObjectId, InventoryEntry>();
  const shardOf = new Map<ObjectId, number>();
  for (let shard = 0; ; shard += 1) {
    const name = inventoryName(owner, shard);
    const map = await client.find<KubeObjectJson & { binaryData?: Record<string, string> }>(
      RESOURCES.configMaps,
      owner.namespace,
      name,
      { signal },
    );
    if (map === undefined) return { entries, shardOf, shards: shard };
    for (const entry of decode(name, map.binaryData?.[KEY])) {
      entries.set(entry.id, entry);
      shardOf.set(entry.id, shard);
    }
  }
}

/** Writes only the ConfigMaps that change. Gives what is stored now. */
export async function saveInventory(
  client: Pick<KubeClient, 'apply'>,
  owner: InventoryOwner,
  before: StoredInventory,
  entries: Inventory,
  signal: AbortSignal,
): Promise<StoredInventory> {
  if (sameInventory(before.entries, entries)) return before;
  const after = distribute(before, entries);
  for (let shard = 0; shard < after.shards; shard += 1) {
    const was = shardEntries(before, shard);
    const is = shardEntries(after, shard);
    if (shard < before.shards && sameInventory(was, is)) continue;
    const name = inventoryName(owner, shard);
    const body = JSON.stringify(configMap(owner, name, is));
    await client.apply(RESOURCES.configMaps, owner.namespace, name, body, {
      fieldManager: CONTROLLER_FIELD_MANAGER,
      force: true,
      signal,
    });
  }
  return after;
}

/** Where each entry goes: those that are stored stay, new ones fill the gaps. Pure. */
export function distribute(before: StoredInventory, entries: Inventory): StoredInventory {
  const shardOf = new Map<ObjectId, number>();
  const sizes = Array<number>(before.shards).fill(0);
  for (const id of entries.keys()) {
    const shard = before.shardOf.get(id);
    if (shard === undefined) continue;
    shardOf.set(id, shard);
    sizes[shard] = (sizes[shard] ?? 0) + 1;
  }
  let shard = 0;
  for (const id of entries.keys()) {
    if (shardOf.has(id)) continue;
    while ((sizes[shard] ?? 0) >= ENTRIES_PER_SHARD) shard += 1;
    shardOf.set(id, shard);
    sizes[shard] = (sizes[shard] ?? 0) + 1;
  }
  return { entries, shardOf, shards: Math.max(before.shards, sizes.length) };
}

function shardEntries({ entries, shardOf }: StoredInventory, shard: number): Inventory {
  return new Map([...entries].filter(([id]) => shardOf.get(id) === shard));
}

function configMap(owner: InventoryOwner, name: string, entries: Inventory): object {
  const list = [...entries.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: owner.namespace,
      labels: { [LABELS.managedBy]: MANAGED_BY },
      ownerReferences: [
        {
          apiVersion: API_GROUP_VERSION,
          kind: 'GitSync',
          name: owner.name,
          uid: owner.uid,
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    binaryData: { [KEY]: gzipSync(JSON.stringify(list)).toString('base64') },
  };
}

/** An inventory that cannot be read stops the sync: an empty one would orphan everything. */
function decode(name: string, text: string | undefined): readonly InventoryEntry[] {
  try {
    const list = stored.parse(
      JSON.parse(gunzipSync(Buffer.from(text ?? '', 'base64'), { maxOutputLength: 64 * 1024 * 1024 }).toString('utf8')),
    );
    return list.map(({ id, version }) => ({ id: id as ObjectId, version }));
  } catch (cause) {
    throw new StreamSpaceError('InventoryUnreadable', `the ConfigMap ${name} is no inventory any more`, { cause });
  }
}
