// GitSync: brings a cluster to what a repository says. The stages do the work; here is their order, and what is told of it.

import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { durationMs } from '../../../schemas/kinds/kind.ts';
import { ANNOTATIONS, FINALIZERS } from '../../../schemas/names.ts';
import { ownerMark } from '../../apply/ownership.ts';
import { requireDependencies } from '../../plan/dependencies.ts';
import {
  type ObjectKey,
  type ReconcileContext,
  type ReconcileResult,
  type Reconciler,
  RetryWithin,
  Stopped,
  Superseded,
} from '../contract.ts';
import { closedFor, syncGate } from '../drift/gate.ts';
import { reportDrift } from '../drift/report.ts';
import { addFinalizer } from '../finalizer.ts';
import { reportOrphans } from '../orphans/find-orphans.ts';
import { failureOf } from '../save-status.ts';
import { takeAwayGitSync } from './deletion.ts';
import type { GitSyncPorts } from './ports.ts';
import { GitSyncReport } from './report.ts';
import { bringUpToDate, type SyncRun } from './run.ts';
import { repositoryOf } from './source.ts';
import { ReadAhead } from './surroundings.ts';

export function createGitSyncReconciler(ports: GitSyncPorts): Reconciler {
  return new GitSyncReconciler(ports);
}

class GitSyncReconciler implements Reconciler {
  readonly kind = 'GitSync';
  readonly #ports: GitSyncPorts;

  constructor(ports: GitSyncPorts) {
    this.#ports = ports;
  }

  async reconcile({ namespace = '', name }: ObjectKey, context: ReconcileContext): Promise<ReconcileResult> {
    const { client, revisions, verified, fights, renders } = this.#ports;
    const sync = await client.find<GitSync>(RESOURCES.gitSyncs, namespace, name, { signal: context.signal });
    if (sync === undefined) {
      const owner = ownerMark({ namespace, name });
      verified.forget(owner);
      revisions.forget(owner);
      fights.forget(owner);
      renders.forget(owner);
      this.#ports.onInventory(owner, []);
      this.#ports.telling.forget(owner, undefined);
      return {};
    }
    const parsed = gitSyncSpec.parse(sync.spec); // the defaults, as the API server would fill them in
    using newer = new NewerRevision(context.signal);
    const run: SyncRun = {
      ports: this.#ports,
      owner: { namespace, name },
      sync,
      spec: parsed,
      signal: newer.signal,
      report: new GitSyncReport(this.#ports, sync, context.signal),
    };
    try {
      if (sync.metadata.deletionTimestamp !== undefined) await takeAwayGitSync(run);
      else {
        await addFinalizer(client, RESOURCES.gitSyncs, sync, FINALIZERS.gitSync);
        if (parsed.suspend)
          await reportDrift(run, { reason: 'Suspended', message: 'nothing is written while spec.suspend is true' });
        else return { requeueAfterMs: Math.min(this.#pollMs(run), await this.#attempt(run, newer, context)) };
      }
      return { requeueAfterMs: this.#pollMs(run) };
    } catch (error) {
      return await this.#failed(run, error, context);
    } finally {
      await run.report.attempt.live.end();
    }
  }

  /** A sync that is told of, however it ends. */
  async #attempt(run: SyncRun, newer: NewerRevision, context: ReconcileContext): Promise<number> {
    const { attempt, progress } = run.report;
    try {
      const lookAgainMs = await this.#sync(run, newer);
      attempt.synced(progress, run.report.failedUnits);
      return lookAgainMs;
    } catch (error) {
      if (run.signal.reason instanceof Superseded) attempt.ended('superseded', progress);
      else if (context.signal.aborted) attempt.ended('stopped', progress);
      else attempt.failed(progress, error);
      throw error;
    }
  }

  /** Gives after how long it is to be asked again at the latest. */
  async #sync(run: SyncRun, newer: NewerRevision): Promise<number> {
    const { revisions, client } = this.#ports;
    const { spec, sync, owner, signal } = run;
    const requested = sync.metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
    if (spec.dependsOn.length > 0) requireDependencies(sync, (await client.list<GitSync>(RESOURCES.gitSyncs, { signal })).items);
    const repository = await repositoryOf(client, owner.namespace, spec, signal);
    // What was asked for by hand asks Git anew; what a drift woke is repaired from what is known.
    const maxAgeMs = requested === sync.status?.handledRequest ? durationMs(spec.interval) * 0.8 : 0;
    const ahead = new ReadAhead(run);
    const resolve = (age: number) => revisions.resolve(ownerMark(owner), repository, spec.ref, age, signal);
    const resolved = await resolve(maxAgeMs);
    const gate = syncGate(run, this.#ports.now());
    if (gate.closed !== undefined) {
      await reportDrift(run, closedFor(gate.closed, sync.status?.revision, resolved.sha));
      return gate.lookAgainMs;
    }
    run.report.attempt.resolved(resolved.sha);
    using _listening = revisions.onHint(spec.url, () => void newer.check(resolved.sha, async () => (await resolve(1000)).sha));
    const unitMs = await bringUpToDate(run, repository, resolved, ahead);
    const fightMs = this.#ports.fights.lookAgainMs(ownerMark(owner));
    return Math.min(unitMs, fightMs, gate.lookAgainMs, await reportOrphans(run));
  }

  /** Says it in the status, then decides when to try again. Never later than the next poll: the cure may be a new commit. */
  async #failed(run: SyncRun, error: unknown, context: ReconcileContext): Promise<ReconcileResult> {
    if (context.signal.aborted) throw error;
    if (run.signal.reason instanceof Superseded) {
      context.log.info({ attempted: run.report.progress.attempted }, 'a newer revision came in mid-sync');
      return { requeueAfterMs: 0 };
    }
    if (isStatus(error, 404) && run.sync.metadata.deletionTimestamp !== undefined) return {}; // gone with its namespace
    if (error instanceof StreamSpaceError && error.code === 'GitFetchRunning') {
      // No failure: the worker is free for others, and what is applied stays.
      const ready = { status: 'Unknown', reason: 'Progressing', message: error.message } as const;
      await run.report.save({ ready }, context.signal);
      return { requeueAfterMs: error.retryAfterMs ?? 5_000 };
    }
    const failure = failureOf(error);
    if (failure !== undefined) await run.report.failed(error instanceof StreamSpaceError ? error : failure, context.signal);
    const pollMs = this.#pollMs(run);
    if (!(error instanceof StreamSpaceError) || error.entry.retry !== 'never') throw new RetryWithin(pollMs, error);
    context.log.warn({ code: error.code, err: error }, 'sync failed; it waits for another revision');
    return { requeueAfterMs: pollMs };
  }

  #pollMs({ spec, sync }: SyncRun): number {
    if (sync.metadata.deletionTimestamp !== undefined) return 5_000;
    return Math.round(Math.max(1_000, durationMs(spec.interval)) * (0.9 + 0.2 * this.#ports.random()));
  }
}

/** A signal that ends with the call's, and when a hint turns out to be a newer revision. */
class NewerRevision implements Disposable {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #disposed = false;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
  }

  async check(current: string, resolve: () => Promise<string>): Promise<void> {
    try {
      if ((await resolve()) !== current && !this.#disposed) this.#controller.abort(new Superseded('a newer revision was pushed'));
    } catch {
      // Only a hint: the next poll meets the same error and reports it.
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#controller.abort(new Stopped('the call has ended'));
  }
}
