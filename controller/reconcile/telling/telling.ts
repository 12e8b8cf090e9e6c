// What the reconciler of a GitSync tells through: attempts that end in the history, and the objects of each GitSync.
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { GitSyncOperation } from '../../../schemas/sync-operation.ts';
import { ownerMark } from '../../apply/ownership.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { GitSource, Repository } from '../../git/source.ts';
import type { Health } from '../../observe/health.ts';
import type { DryRun } from '../../plan/input.ts';
import { hasChanges, type Plan } from '../../plan/plan.ts';
import type { ObjectId } from '../../render/manifest.ts';
import type { GitRevisions } from '../git-sync/revisions.ts';
import type { Progress } from '../git-sync/status.ts';
import { type AttemptPorts, SyncAttempt } from './attempt.ts';
import { blameWish } from './file-blame.ts';
import { objectRecords, wantedIn } from './object-record.ts';

export interface TellingPorts extends AttemptPorts {
  readonly revisions: Pick<GitRevisions, 'hintedSince'>;
  readonly git: Pick<GitSource, 'lastChanges'>;
}

export interface Applied {
  readonly sync: GitSync;
  readonly repository: Repository;
  readonly sha: CommitSha;
  readonly plan: Plan;
  readonly dryRuns: ReadonlyMap<ObjectId, DryRun>;
  /** Of the inventory, with what is about to be deleted. */
  readonly inventory: Iterable<ObjectId>;
  readonly attempt: SyncAttempt;
  readonly progress: Progress;
}

export class SyncTelling {
  readonly #ports: TellingPorts;
  /** When the last attempt of each GitSync began, on the clock of `performance`. */
  readonly #began = new Map<string, number>();
  /** What was last told of its objects, as a fingerprint. */
  readonly #told = new Map<string, string>();

  constructor(ports: TellingPorts) {
    this.#ports = ports;
  }

  begin(sync: GitSync, save: (operation: GitSyncOperation) => Promise<void>): SyncAttempt {
    const { name, namespace = '' } = sync.metadata;
    const owner = ownerMark({ namespace, name });
    const before = this.#began.get(owner) ?? Number.NEGATIVE_INFINITY;
    this.#began.set(owner, performance.now());
    return new SyncAttempt(this.#ports, sync, { hinted: this.#ports.revisions.hintedSince(sync.spec.url, before), save });
  }

  /** Everything of the plan is in the cluster. Says nothing twice. */
  applied({ sync, repository, sha, plan, dryRuns, inventory, attempt, progress }: Applied): void {
    const { uid = '', namespace = '', name, generation } = sync.metadata;
    const unhealthy = new Map<ObjectId, Health>(progress.unhealthy?.map((each) => [each.id, each]));
    const fingerprint = JSON.stringify([sha, generation, [...unhealthy]]);
    if (!hasChanges(plan) && this.#told.get(uid) === fingerprint) return;
    this.#told.set(uid, fingerprint);
    const owner = { namespace, name };
    const wanted = wantedIn(plan);
    const told = new Set(wanted.map(({ id }) => id));
    const leaving = new Set(plan.changes.flatMap(({ id, action }) => (action === 'delete' ? [id] : [])));
    const kept = [...inventory].filter((id) => !told.has(id) && !leaving.has(id));
    const files = new Set(wanted.flatMap(({ manifest: { position } }) => position.file ?? []));
    const facts = { owner, wanted, dryRuns, answers: attempt.answers, unhealthy, mask: sync.spec.mask ?? [] };
    const head = { uid, namespace, name, revision: sha, at: this.#ports.now().toISOString(), kept };
    this.#ports.history.tellObjects(
      uid,
      () => ({ ...head, objects: objectRecords(facts) }),
      blameWish(this.#ports.git, { uid, repository, sha, files }),
    );
  }

  /** The GitSync is gone, or about to be. */
  forget(owner: string, uid: string | undefined): void {
    this.#began.delete(owner);
    if (uid === undefined) return;
    this.#told.delete(uid);
    this.#ports.history.forget(uid);
  }
}
