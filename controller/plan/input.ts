// What a plan is made from: the API server's answers and the rules of the GitSync.
import type { ErrorCode } from '../../schemas/errors.ts';
import type { GitSyncSpec } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { ObjectId } from '../render/manifest.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import type { OrderWish } from '../validate/order-wishes.ts';
import type { FieldConflict } from './plan.ts';
import type { PlannedUnits } from './units.ts';

/** What the API server said of one object of the set. */
export type DryRun =
  /** It is not there, and would be made. What it would look like nobody asks, and of thousands it is much to hold. */
  | { readonly outcome: 'absent' }
  | {
      readonly outcome: 'accepted';
      /** Its managed fields may be left out. */
      readonly result: JsonObject;
      readonly live: JsonObject;
      readonly conflicts: readonly FieldConflict[];
    }
  /** Not asked again: the same bytes were applied, and nobody has touched the object since. */
  | { readonly outcome: 'verified' }
  /** Cannot be asked before something else of the same set is there. */
  | { readonly outcome: 'deferred'; readonly reason: string }
  | {
      readonly outcome: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly live: JsonObject | undefined;
      readonly conflicts: readonly FieldConflict[];
    };

/** An object of the inventory that Git no longer has, as it is in the cluster. */
export interface Leaving {
  readonly uid: string;
  /** `namespace/name` of the GitSync in its owner mark. */
  readonly owner: string | undefined;
  readonly pruneDisabled: boolean;
  /** Marked to be deleted only when somebody confirms it. */
  readonly pruneConfirm?: boolean;
  /** Of a definition: how many objects of its kind the cluster has, which go with it. */
  readonly instances?: { readonly kind: string; readonly count: number };
  readonly pruneLast?: boolean;
  /** What it says of its order. Left out: nothing. */
  readonly order?: OrderWish;
}

export interface DryRuns {
  readonly wanted: ReadonlyMap<ObjectId, DryRun>;
  /** What is missing here is gone from the cluster. */
  readonly leaving: ReadonlyMap<ObjectId, Leaving>;
}

export interface PlanPolicy {
  /** `namespace/name` of the GitSync. */
  readonly owner: string;
  readonly revision: string | undefined;
  /** The revision whose deletions somebody confirmed. */
  readonly confirmed: string | undefined;
  readonly prune: GitSyncSpec['prune'];
  readonly conflicts: GitSyncSpec['conflicts'];
  /** Left out where the GitSync itself is the one unit: then a set that cannot be rendered has no plan. */
  readonly units?: PlannedUnits;
  /** Fields whose values no plan shows, besides those of Secrets. */
  readonly mask?: GitSyncSpec['mask'];
  /** Every GitSync that exists: an object of one that is gone may be taken over. */
  readonly otherSyncs: ReadonlySet<string>;
}
