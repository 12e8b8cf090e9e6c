// Where each object of a set stands in the order: phase, wave, depth of what it depends on, kind, name. Total and stable,
// whatever the objects say: what runs in a circle (only live objects can; Git is refused) stands behind the rest of its wave.
import type { ObjectId } from '../render/manifest.ts';
import { levelsOf } from '../validate/graph.ts';
import type { OrderWish } from '../validate/order-wishes.ts';
import { compareIds, PHASES, type Phase, phaseOf } from './order.ts';

export interface Place extends OrderWish {
  readonly phase: Phase;
  /** 0, or one more than the deepest of what it depends on in the same phase and wave. */
  readonly level: number;
}

/** An object that only kinds put in order. */
export function plainPlace(id: ObjectId): Place {
  return { phase: phaseOf(id), wave: 0, level: 0, needs: [] };
}

export function placesOf(wishes: ReadonlyMap<ObjectId, OrderWish>): ReadonlyMap<ObjectId, Place> {
  const sameStep = (a: ObjectId, b: ObjectId): boolean =>
    phaseOf(a) === phaseOf(b) && wishes.get(a)?.wave === wishes.get(b)?.wave;
  const graph = new Map([...wishes].map(([id, { needs }]) => [id, needs.filter((need) => sameStep(id, need))] as const));
  const levels = levelsOf(graph);
  const behind = Math.max(0, ...levels.values()) + 1;
  return new Map([...wishes].map(([id, wish]) => [id, { ...wish, phase: phaseOf(id), level: levels.get(id) ?? behind }]));
}

/** Negative when `a` is applied first; pruning goes the other way round. */
export function comparePlaces(a: ObjectId, b: ObjectId, places: ReadonlyMap<ObjectId, Place>): number {
  const first = places.get(a) ?? plainPlace(a);
  const second = places.get(b) ?? plainPlace(b);
  return (
    PHASES.indexOf(first.phase) - PHASES.indexOf(second.phase) ||
    first.wave - second.wave ||
    first.level - second.level ||
    compareIds(a, b)
  );
}

/** Objects that stand at the same place but for kind and name: nothing is waited for between them. */
export function stepKey(id: ObjectId, place: Place = plainPlace(id)): string {
  return `${place.phase} ${place.wave} ${place.level}`;
}
