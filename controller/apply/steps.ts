// A plan cut into the steps in which it is applied. Pure.
import { type Place, plainPlace, stepKey } from '../plan/arrange.ts';
import type { Change, Plan } from '../plan/plan.ts';
import type { ObjectId } from '../render/manifest.ts';

export type Write = Extract<Change, { action: 'create' | 'configure' | 'replace' }>;

export interface Step extends Pick<Place, 'phase' | 'wave'> {
  readonly writes: readonly Write[];
  /** Everything that Git has at this step, written or not: what a later wave waits for. */
  readonly members: readonly ObjectId[];
}

/** In the order of the plan, which is the order of applying. */
export function stepsOf(plan: Plan): readonly Step[] {
  const kept = plan.changes.filter((change) => change.action !== 'delete' && change.action !== 'blocked' && 'wanted' in change);
  return [...Map.groupBy(kept, ({ id, place }) => stepKey(id, place)).values()].map((changes) => {
    const [first] = changes;
    const { phase, wave } = first === undefined ? { phase: 'waves' as const, wave: 0 } : placeOf(first);
    return {
      phase,
      wave,
      writes: changes.filter(isWrite),
      members: changes.filter(({ action }) => action !== 'skip').map(({ id }) => id),
    };
  });
}

export function placeOf({ id, place }: Change): Place {
  return place ?? plainPlace(id);
}

export function isWrite(change: Change): change is Write {
  return change.action === 'create' || change.action === 'configure' || change.action === 'replace';
}
