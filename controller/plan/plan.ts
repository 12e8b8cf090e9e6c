// The plan: what a sync will do, as data. The page, the command, the status and the apply read the same value.
import type { ErrorCode, SourcePosition } from '../../schemas/errors.ts';
import type { ObjectId } from '../render/manifest.ts';
import type { JsonValue } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';
import type { Place } from './arrange.ts';

/** A field that would become another. Values of Secrets are masked by us, never by the repository. */
export interface FieldDifference {
  /** `spec.template.spec.containers[0].image` */
  readonly path: string;
  /** `undefined`: the field is not there. */
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** A field that another manager owns too. */
export interface FieldConflict {
  readonly manager: string;
  readonly field: string;
}

interface Planned {
  readonly id: ObjectId;
  /** Left out for what is no longer in Git. */
  readonly position?: SourcePosition;
  readonly reason?: string;
  /** Where it stands in the order; left out where its kind alone says so. */
  readonly place?: Place;
}

export type Change =
  | (Planned & {
      readonly action: 'create';
      readonly wanted: Identified /** Its dry-run comes right before it is applied. */;
      readonly deferred: boolean;
    })
  | (Planned & {
      readonly action: 'configure' | 'replace';
      readonly wanted: Identified;
      readonly uid: string;
      readonly differences: readonly FieldDifference[];
      /** How many more fields would become others. Left out: none. */
      readonly differencesLeftOut?: number;
      readonly conflicts: readonly FieldConflict[];
    })
  | (Planned & { readonly action: 'unchanged'; readonly wanted: Identified })
  | (Planned & {
      readonly action: 'skip';
      readonly wanted?: Identified;
      /** It left Git and carries no owner mark of ours: it leaves the inventory too. */
      readonly notOurs?: true;
    })
  | (Planned & {
      readonly action: 'delete';
      readonly uid: string /** Only once everything else is deleted, and what stays is healthy. */;
      readonly last?: true;
    })
  | (Planned & { readonly action: 'blocked'; readonly code: ErrorCode; readonly conflicts: readonly FieldConflict[] });

export type Action = Change['action'];

export interface Plan {
  /** What is applied in the order of applying, then what is deleted in the reverse order. */
  readonly changes: readonly Change[];
  readonly warnings: readonly string[];
}

export function countActions(plan: Plan): Readonly<Record<Action, number>> {
  const counts: Record<Action, number> = { create: 0, configure: 0, replace: 0, unchanged: 0, delete: 0, skip: 0, blocked: 0 };
  for (const { action } of plan.changes) counts[action] += 1;
  return counts;
}

/** Whether the cluster would change. */
export function hasChanges(plan: Plan): boolean {
  return plan.changes.some(({ action }) => ['create', 'configure', 'replace', 'delete'].includes(action));
}
