// The inventory: what a GitSync has put into the cluster. It grows before an apply and shrinks after a prune, so that a
// crash at any point leaves nothing that nobody would prune.
import type { ObjectId } from '../render/manifest.ts';
import { groupOf } from '../render/manifest.ts';
import type { Plan } from './plan.ts';

export interface InventoryEntry {
  readonly id: ObjectId;
  /** As last applied; tells where to find the object. */
  readonly version: string;
  /** The unit that it comes from; left out where the GitSync is the one unit. */
  readonly unit?: string;
}

export type Inventory = ReadonlyMap<ObjectId, InventoryEntry>;

export const EMPTY_INVENTORY: Inventory = new Map();

/** Before the first write: what was there and what will be. */
export function inventoryDuring(before: Inventory, plan: Plan): Inventory {
  const during = new Map(before);
  for (const change of plan.changes) {
    if (change.action === 'blocked' || change.action === 'delete' || change.wanted === undefined) continue;
    const { apiVersion, unit } = change.wanted.manifest;
    const version = groupOf(apiVersion) === '' ? apiVersion : (apiVersion.split('/')[1] ?? '');
    during.set(change.id, { id: change.id, version, ...(unit === undefined ? {} : { unit }) });
  }
  return during;
}

/** After the prune: without what is gone, and without what is no longer ours. */
export function inventoryAfter(during: Inventory, gone: ReadonlySet<ObjectId>): Inventory {
  return new Map([...during].filter(([id]) => !gone.has(id)));
}

export function sameInventory(a: Inventory, b: Inventory): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, { version, unit }]) => {
      const other = b.get(id);
      return other !== undefined && other.version === version && other.unit === unit;
    })
  );
}
