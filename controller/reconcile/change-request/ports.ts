// What the reconciler of a ChangeRequest stands on.
import type { RecordAudit } from '../../../runtime/audit/record-audit.ts';
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import type { ChangeRequest, ChangeRequestSpec, ChangeRequestStatus } from '../../../schemas/kinds/changes/change-request.ts';
import type { GitSync, GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { GitSyncChanges } from '../../../schemas/kinds/git-sync/git-sync-changes.ts';
import type { SyncName } from '../../apply/ownership.ts';
import type { Forge, ForgeRequest } from '../../changes/forge/forge.ts';
import type { EditedFiles } from '../../changes/rollback.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { GitSource, Repository } from '../../git/source.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import type { ChangeMetrics } from './change-metrics.ts';

/** What a commit would change, once it is known to be good. */
export interface CheckedChange {
  /** In all; left out: as many as are listed. */
  readonly objectCount?: number;
  readonly objects: NonNullable<ChangeRequestStatus['objects']>;
  /** Files that hold what nobody is shown: who may read change requests need not be let into the repository. */
  readonly hidden?: readonly string[];
}

/** What is looked at before there is a commit, and again before a merge. */
export interface CheckRequest {
  readonly target: ChangeTarget;
  readonly request: ChangeRequest;
  readonly tip: CommitSha;
  readonly before: SourceTree;
  readonly files: ReadonlyMap<string, Uint8Array | undefined>;
  /** What the objects have to be like then. Default: what was asked for. */
  readonly edits?: readonly ChangeEdit[] | undefined;
}

export interface ChangeRequestPorts {
  /** The controller's own rights. */
  readonly client: KubeClient | Pick<KubeClient, 'find' | 'create' | 'apply' | 'delete'>;
  readonly git: Pick<GitSource, 'resolve' | 'fetch' | 'tree' | 'descends' | 'inClone'>;
  readonly forge: Forge;
  /** The files that the edits make on a commit. @throws what applyEdits refuses */
  readonly edit: (asked: Omit<CheckRequest, 'files' | 'edits'>, signal: AbortSignal) => Promise<EditedFiles>;
  /** @throws what stands against it: a mistake of schema, scope, or of the plan */
  readonly check: (asked: CheckRequest, signal: AbortSignal) => Promise<CheckedChange>;
  /** The objects that it changed and that have failed, with why. */
  readonly failed: (request: ChangeRequest, sync: GitSync, signal: AbortSignal) => Promise<readonly string[]>;
  /** Whether this person has the right `approve` in the namespace of the request, for reviews that were given at a forge. */
  readonly mayApprove: (person: string, request: ChangeRequest, signal: AbortSignal) => Promise<boolean>;
  /** The groups of this person, as he last signed in; none of somebody who is locked out. */
  readonly groupsOf: (person: string) => Promise<readonly string[]>;
  /** Somebody pushed: syncs look at once. */
  readonly pushed: (url: string) => void;
  readonly audit: RecordAudit;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: ChangeMetrics;
  readonly now: () => Date;
}

/** The GitSync that a change request is for, ready to be written to. */
export interface ChangeTarget {
  readonly sync: GitSync;
  readonly owner: SyncName;
  /** With its defaults. */
  readonly spec: GitSyncSpec;
  readonly changes: GitSyncChanges;
  readonly branch: string;
  readonly repository: Repository;
  readonly forge: ForgeRequest;
}

export type Asked = Pick<ChangeRequestSpec, 'requestedBy' | 'reason'>;
