// What a unit that could not be rendered means for the plan: what is its own, or may be, is left as it is.
import type { InventoryEntry } from './inventory.ts';

export interface PlannedUnits {
  /** Names of those whose manifests are in the set. */
  readonly rendered: ReadonlySet<string>;
  /** The others, each with what is wrong. */
  readonly failed: ReadonlyMap<string, string>;
}

/**
 * Why an object that is not in the set is kept; `undefined`: it has left Git. What no present unit is known for (an inventory from
 * before there were units, a unit that was renamed) may be one of a failed unit's, so it waits too.
 */
export function keptForUnit({ unit }: InventoryEntry, { rendered, failed }: PlannedUnits): string | undefined {
  const [first] = failed.keys();
  if (first === undefined || (unit !== undefined && rendered.has(unit))) return undefined;
  const why = unit === undefined ? undefined : failed.get(unit);
  return why === undefined
    ? `kept: it may belong to unit ${first}, which could not be rendered`
    : `kept: unit ${unit} could not be rendered: ${why}`;
}
