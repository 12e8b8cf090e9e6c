// One attempt of a sync, from its beginning to its end: measured stage by stage, shown while it goes on, kept in the history.
import { randomUUID } from 'node:crypto';
import type { RecordAudit } from '../../../runtime/audit/record-audit.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { SyncResult } from '../../../schemas/sync-history.ts';
import type { GitSyncOperation, SyncPhase } from '../../../schemas/sync-operation.ts';
import { withoutManagers } from '../../apply/managers.ts';
import { hasChanges, type Plan } from '../../plan/plan.ts';
import type { ObjectId } from '../../render/manifest.ts';
import type { JsonObject } from '../../render/yaml/json.ts';
import { problemsIn } from '../failures.ts';
import type { Progress } from '../git-sync/status.ts';
import type { FailedUnits } from '../git-sync/unit-status.ts';
import { auditOfSync } from './audit-sync.ts';
import type { SyncHistory } from './history-writer.ts';
import { LiveOperation } from './live-operation.ts';
import type { SyncMetrics } from './sync-metrics.ts';
import { changesOf, isWorthKeeping, presentProblems, type SyncRecord } from './sync-record.ts';
import { type Trigger, triggerOf } from './trigger.ts';

export interface AttemptPorts {
  readonly history: SyncHistory;
  readonly metrics: SyncMetrics;
  readonly audit: RecordAudit;
  /** Of this process, as in the Lease. */
  readonly controller: string;
  readonly now: () => Date;
}

export class SyncAttempt {
  /** What the API server answered to each write, without its managed fields. */
  readonly answers = new Map<ObjectId, JsonObject>();
  readonly live: LiveOperation;
  readonly #ports: AttemptPorts;
  readonly #sync: GitSync;
  readonly #hinted: boolean;
  readonly #startedAt: Date;
  readonly #began = performance.now();
  #trigger: Trigger;
  #revision: string | undefined;
  #stage: { readonly name: SyncPhase; readonly began: number } | undefined;
  #gone: ReadonlySet<ObjectId> = new Set();

  /** @param sync as it is at the beginning */
  constructor(
    ports: AttemptPorts,
    sync: GitSync,
    options: { readonly hinted: boolean; readonly save: (operation: GitSyncOperation) => Promise<void> },
  ) {
    this.#ports = ports;
    this.#sync = sync;
    this.#hinted = options.hinted;
    this.#startedAt = ports.now();
    this.#trigger = triggerOf(sync, undefined, false);
    this.live = new LiveOperation({ now: ports.now, save: options.save });
    if (this.#trigger.asked !== undefined || this.#trigger.trigger === 'request') this.live.hasNews();
    this.enter('Resolving');
  }

  /** The stage before has ended. */
  enter(name: SyncPhase, total?: number): void {
    this.#endStage();
    this.#stage = { name, began: performance.now() };
    this.live.enter(name, { revision: this.#revision, total });
  }

  resolved(revision: string): void {
    this.#revision = revision;
    this.#trigger = triggerOf(this.#sync, revision, this.#hinted);
    if (revision !== this.#sync.status?.revision) this.live.hasNews();
    this.enter('Fetching');
  }

  planned(plan: Plan): void {
    if (hasChanges(plan)) this.live.hasNews();
  }

  wrote(id: ObjectId, answer: JsonObject): void {
    this.answers.set(id, withoutManagers(answer));
    this.live.done(this.answers.size);
  }

  pruned(gone: ReadonlySet<ObjectId>): void {
    this.#gone = gone;
  }

  /** Call it once the status says the same. @param units that could not be rendered while the others went on */
  synced(progress: Progress, units?: FailedUnits): void {
    if (this.#revision === undefined) return; // it was not its time: nothing was tried
    const { metrics } = this.#ports;
    const changed = this.answers.size + this.#gone.size > 0;
    if (units === undefined) {
      const kept = this.#keep('synced', progress);
      metrics.finished(kept ? 'synced' : 'unchanged', this.#trigger.trigger);
    } else {
      const { reason: code, message: reason, problems } = units;
      this.#keep('failed', progress, { code, reason, problems: presentProblems(problems) });
      metrics.finished('failed', this.#trigger.trigger);
      metrics.failed(code);
    }
    if (changed) this.#countChanges(progress.plan);
    if (this.#trigger.trigger === 'drift') metrics.repaired(this.answers.size);
  }

  failed(progress: Progress, error: unknown): void {
    const { metrics } = this.#ports;
    const failure = failureOf(error);
    this.#keep('failed', progress, failure);
    metrics.finished('failed', this.#trigger.trigger);
    metrics.failed(failure.code);
  }

  /** Not a failure: nothing is said of it in the status. */
  ended(result: Extract<SyncResult, 'superseded' | 'stopped'>, progress: Progress): void {
    this.#keep(result, progress);
    this.#ports.metrics.finished(result, this.#trigger.trigger);
  }

  #keep(result: SyncResult, progress: Progress, failure: Failure = { problems: [] }): boolean {
    this.#endStage();
    this.#ports.metrics.stage('Total', (performance.now() - this.#began) / 1000);
    const { metadata, status } = this.#sync;
    const record: SyncRecord = {
      id: randomUUID(),
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      uid: metadata.uid ?? '',
      revision: this.#revision,
      previousRevision: status?.revision,
      commit: progress.commit,
      ...this.#trigger,
      startedAt: this.#startedAt.toISOString(),
      finishedAt: this.#ports.now().toISOString(),
      result,
      ...failure,
      ...changesOf(progress.plan),
      written: this.answers.size,
      deleted: this.#gone.size,
      controller: this.#ports.controller,
    };
    const kept = isWorthKeeping(record);
    if (kept) {
      this.#ports.history.append(record);
      const written = new Set(this.answers.keys());
      for (const event of auditOfSync({ record, plan: progress.plan, written, gone: this.#gone })) this.#ports.audit(event);
    }
    return kept;
  }

  #endStage(): void {
    if (this.#stage === undefined) return;
    this.#ports.metrics.stage(this.#stage.name, (performance.now() - this.#stage.began) / 1000);
    this.#stage = undefined;
  }

  #countChanges(plan: Plan | undefined): void {
    for (const action of ['create', 'configure', 'replace'] as const) {
      const written = plan?.changes.filter((change) => change.action === action && this.answers.has(change.id)).length ?? 0;
      if (written > 0) this.#ports.metrics.changed(action, written);
    }
    if (this.#gone.size > 0) this.#ports.metrics.changed('delete', this.#gone.size);
  }
}

type Failure = Pick<SyncRecord, 'code' | 'reason' | 'problems'>;

function failureOf(error: unknown): Failure & { readonly code: string } {
  if (error instanceof StreamSpaceError)
    return { code: error.code, reason: error.message.slice(0, 4_000), problems: presentProblems(problemsIn(error)) };
  return { code: 'ClusterRequestFailed', reason: 'the API server refused a request', problems: [] };
}
