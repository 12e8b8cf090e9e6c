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

type StoredShard = KubeObjectJson & { readonly binaryData?: Readonly<Record<string, string>> };

/** Few enough to be written quickly; about 60 bytes an entry compressed. */
const ENTRIES_PER_SHARD = 5_000;
/** Of JSON, so that even names that no compression makes smaller stay below the 1 MiB that a ConfigMap holds. */
const BYTES_PER_SHARD = 900_000;
const KEY = 'inventory.json.gz';

const stored = z.array(z.object({ id: z.string(), version: z.string(), unit: z.string().optional() }));

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
  const read = async (shard: number): Promise<StoredShard | undefined> =>
    await client.find<StoredShard>(RESOURCES.configMaps, owner.namespace, inventoryName(owner, shard), { signal });
  for (let shard = 0; ; shard += 2) {
    // Two at once: most have one, and the second question says that there is no more.
    for (const [offset, map] of (await Promise.all([read(shard), read(shard + 1)])).entries()) {
      const here = shard + offset;
      if (map === undefined) return { entries, shardOf, shards: here };
      for (const entry of decode(inventoryName(owner, here), map.binaryData?.[KEY])) {
        entries.set(entry.id, entry);
        shardOf.set(entry.id, here);
      }
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
  const sizes = Array.from({ length: before.shards }, () => ({ entries: 0, bytes: 0 }));
  const put = (entry: InventoryEntry, shard: number): void => {
    const { entries: count, bytes } = sizes[shard] ?? { entries: 0, bytes: 0 };
    sizes[shard] = { entries: count + 1, bytes: bytes + bytesOf(entry) };
    shardOf.set(entry.id, shard);
  };
  for (const entry of entries.values()) {
    const shard = before.shardOf.get(entry.id);
    if (shard !== undefined) put(entry, shard);
  }
  let shard = 0;
  for (const entry of entries.values()) {
    if (shardOf.has(entry.id)) continue;
    // A gap that is too small for one is passed over for the rest: the next save fills it.
    while (isFull(sizes[shard], bytesOf(entry))) shard += 1;
    put(entry, shard);
  }
  return { entries, shardOf, shards: Math.max(before.shards, sizes.length) };
}

function isFull(size: { readonly entries: number; readonly bytes: number } | undefined, more: number): boolean {
  return size !== undefined && (size.entries >= ENTRIES_PER_SHARD || size.bytes + more > BYTES_PER_SHARD);
}

function bytesOf({ id, version }: InventoryEntry): number {
  return Buffer.byteLength(JSON.stringify({ id, version })) + 1;
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
    return list.map(({ id, version, unit }) => ({ id: id as ObjectId, version, ...(unit === undefined ? {} : { unit }) }));
  } catch (cause) {
    throw new StreamSpaceError('InventoryUnreadable', `the ConfigMap ${name} is no inventory any more`, { cause });
  }
}
