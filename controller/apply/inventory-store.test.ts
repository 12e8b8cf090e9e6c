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

/** Names as long as Kubernetes takes them, of letters that no compression makes smaller. */
function hardInventory(count: number, seed: number): Inventory {
  let state = seed;
  const letters = (length: number): string =>
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return 'abcdefghijklmnopqrstuvwxyz0123456789'[(state >>> 8) % 36];
    }).join('');
  return new Map(
    Array.from({ length: count }, (): [ObjectId, InventoryEntry] => {
      const id = `${letters(60)}.example.com/${letters(60)}/${letters(63)}/${letters(250)}` as ObjectId;
      return [id, { id, version: 'v1alpha1' }];
    }),
  );
}

test.each([5_000, 10_000])(
  'S-094 %i objects with the longest names: each ConfigMap stays below 1 MiB, nothing is lost',
  async (count) => {
    const { client, bodies } = store();
    const inventory = hardInventory(count, count);
    const saved = await saveInventory(client, OWNER, await loadInventory(client, OWNER, signal), inventory, signal);
    for (const body of bodies.values()) {
      const { binaryData } = JSON.parse(body) as { binaryData: Record<string, string> };
      const bytes = Object.values(binaryData).reduce((sum, text) => sum + Buffer.from(text, 'base64').length, 0);
      expect(bytes).toBeLessThan(1_048_576); // what Kubernetes counts
      expect(body.length).toBeLessThan(1_500_000); // what etcd takes
    }
    const loaded = await loadInventory(client, OWNER, signal);
    expect(loaded.entries).toEqual(inventory);
    expect(loaded.shards).toBe(saved.shards);
  },
);

test('S-094 whatever comes and goes, no ConfigMap grows beyond its limit', () => {
  const steps = fc.array(fc.record({ seed: fc.nat(1000), count: fc.nat(1_500), keep: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(steps, (all) => {
      let before = distribute({ entries: new Map(), shardOf: new Map(), shards: 0 }, new Map());
      for (const { seed, count, keep } of all) {
        const kept = [...before.entries].filter((_, index) => index % 4 < keep);
        before = distribute(before, new Map([...kept, ...hardInventory(count, seed)]));
        const sizes = Array<number>(before.shards).fill(0);
        for (const [id, shard] of before.shardOf) sizes[shard] = (sizes[shard] ?? 0) + id.length + 40;
        expect(Math.max(0, ...sizes)).toBeLessThan(950_000);
      }
    }),
    { numRuns: 8 },
  );
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

test('an entry keeps its unit, and an inventory from before there were units is read and not written again', async () => {
  const { client, bodies } = store();
  const empty = await loadInventory(client, OWNER, signal);
  const old = inventoryOf(2);
  await saveInventory(client, OWNER, empty, old, signal);
  const text = bodies.get('a-inventory-0');
  const read = await loadInventory(client, OWNER, signal);
  expect(read.entries).toEqual(old);
  await saveInventory(client, OWNER, read, inventoryOf(2), signal);
  expect(bodies.get('a-inventory-0')).toBe(text);
  const withUnits: Inventory = new Map([...old].map(([id, entry]) => [id, { ...entry, unit: 'one' }]));
  await saveInventory(client, OWNER, read, withUnits, signal);
  expect((await loadInventory(client, OWNER, signal)).entries).toEqual(withUnits);
});
