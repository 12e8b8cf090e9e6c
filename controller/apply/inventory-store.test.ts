import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Inventory, InventoryEntry } from '../plan/inventory.ts';
import type { ObjectId } from '../render/manifest.ts';
import { distribute, loadInventory, saveInventory } from './inventory-store.ts';

const OWNER = { namespace: 'demo', name: 'a', uid: 'u' };
const signal = new AbortController().signal;

function inventoryOf(count: number, from = 0): Inventory {
  const entries = Array.from({ length: count }, (_, index): [ObjectId, InventoryEntry] => {
    const id = `/ConfigMap/demo/object-with-a-longer-name-${from + index}` as ObjectId;
    return [id, { id, version: 'v1' }];
  });
  return new Map(entries);
}

interface Store {
  readonly client: Pick<KubeClient, 'find' | 'apply'>;
  readonly bodies: Map<string, string>;
  /** Fails every write from the nth on. */
  failFrom: number;
}

function store(): Store {
  const bodies = new Map<string, string>();
  let writes = 0;
  const made: Store = {
    bodies,
    failFrom: Number.POSITIVE_INFINITY,
    client: {
      find: async <T>(_resource: Resource, _namespace: string | undefined, name: string) => {
        const body = bodies.get(name);
        return (body === undefined ? undefined : JSON.parse(body)) as T | undefined;
      },
      apply: async <T = KubeObjectJson>(_resource: Resource, _namespace: string | undefined, name: string, body: string) => {
        writes += 1;
        if (writes >= made.failFrom) throw new KubeStatusError({ statusCode: 500, reason: '', message: 'down' });
        bodies.set(name, body);
        return JSON.parse(body) as T;
      },
    },
  };
  return made;
}

test('S-094 an inventory of 12,000 objects stays far below 1 MB a ConfigMap and is read back as it was', async () => {
  const { client, bodies } = store();
  const inventory = inventoryOf(12_000);
  await saveInventory(client, OWNER, await loadInventory(client, OWNER, signal), inventory, signal);
  for (const body of bodies.values()) expect(body.length).toBeLessThan(300_000);
  expect((await loadInventory(client, OWNER, signal)).entries).toEqual(inventory);
  expect(bodies.size).toBe(3);
});

test('nothing is written when nothing changed, and one changed entry writes one ConfigMap', async () => {
  const { client, bodies } = store();
  const inventory = inventoryOf(12_000);
  const saved = await saveInventory(client, OWNER, await loadInventory(client, OWNER, signal), inventory, signal);
  const before = new Map(bodies);
  await saveInventory(client, OWNER, saved, new Map(inventory), signal);
  await saveInventory(client, OWNER, saved, new Map([...inventory, ...inventoryOf(1, 50_000)]), signal);
  expect([...bodies].filter(([name, body]) => before.get(name) !== body)).toHaveLength(1);
});

test('S-082 a write that fails half-way loses no entry of before', async () => {
  const made = store();
  const saved = await saveInventory(
    made.client,
    OWNER,
    await loadInventory(made.client, OWNER, signal),
    inventoryOf(12_000),
    signal,
  );
  made.failFrom = 5;
  const grown = new Map([...saved.entries, ...inventoryOf(9_000, 20_000)]);
  await expect(saveInventory(made.client, OWNER, saved, grown, signal)).rejects.toThrow('down');
  const left = (await loadInventory(made.client, OWNER, signal)).entries;
  for (const id of saved.entries.keys()) expect(left.has(id)).toBe(true);
});

test('an entry never moves to another ConfigMap, whatever comes and goes', () => {
  const sizes = fc.array(fc.record({ from: fc.nat(30), count: fc.nat(30) }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, (steps) => {
      let before = distribute({ entries: new Map(), shardOf: new Map(), shards: 0 }, new Map());
      for (const { from, count } of steps) {
        const after = distribute(before, inventoryOf(count, from));
        for (const [id, shard] of before.shardOf) if (after.entries.has(id)) expect(after.shardOf.get(id)).toBe(shard);
        expect(after.shardOf.size).toBe(after.entries.size);
        before = after;
      }
    }),
  );
});

test('an inventory that was tampered with stops the sync instead of being taken for empty', async () => {
  const { client, bodies } = store();
  bodies.set('a-inventory-0', JSON.stringify({ binaryData: { 'inventory.json.gz': 'AAAA' } }));
  await expect(loadInventory(client, OWNER, signal)).rejects.toMatchObject({ code: 'InventoryUnreadable' });
});
