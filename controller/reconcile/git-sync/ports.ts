// What the reconciler of a GitSync stands on.
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import type { KubeClient, ResourceMapper } from '../../../runtime/kube/types.ts';
import type { GitSync, GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { SyncName } from '../../apply/ownership.ts';
import type { VerifiedObjects } from '../../apply/verified.ts';
import type { GitSource } from '../../git/source.ts';
import type { KeptRenders } from '../../render/kept-renders.ts';
import type { DriftMetrics } from '../drift/drift-metrics.ts';
import type { FieldFights } from '../drift/fights.ts';
import type { SyncTelling } from '../telling/telling.ts';
import type { GitRevisions } from './revisions.ts';

export interface GitSyncPorts {
  /** The controller's own rights; a GitSync's are taken from it by impersonation. */
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly git: Pick<GitSource, 'fetch' | 'tree' | 'descends' | 'object' | 'tagObject'>;
  readonly revisions: GitRevisions;
  readonly renders: Pick<KeptRenders, 'render' | 'forget'>;
  readonly verified: VerifiedObjects;
  readonly events: EventRecorder;
  readonly telling: SyncTelling;
  readonly fights: FieldFights;
  readonly driftMetrics: DriftMetrics;
  readonly now: () => Date;
  /** In [0, 1): spreads the polls. */
  readonly random: () => number;
  /** Told of each saved inventory: what has to be watched for drift. */
  readonly onInventory: (owner: string, kinds: readonly InventoryKind[]) => void;
}

/** A kind of the inventory, as the drift watch needs it. */
export interface InventoryKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What a plan alone needs: the command has no more. */
export interface PlanRun {
  readonly ports: Pick<GitSyncPorts, 'client' | 'mapper' | 'verified'>;
  readonly owner: SyncName;
  readonly sync: GitSync;
  /** With its defaults. */
  readonly spec: GitSyncSpec;
  readonly signal: AbortSignal;
}
