// Tells what a sync does: status and Kubernetes Events. The only writer of a GitSync's status.

import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync, GitSyncStatus } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { ANNOTATIONS } from '../../../schemas/names.ts';
import { describeFailure, problemsIn } from '../failures.ts';
import { type Failure, saveStatus, withSaved } from '../save-status.ts';
import type { SyncAttempt } from '../telling/attempt.ts';
import { healthWord } from './health-word.ts';
import type { GitSyncPorts } from './ports.ts';
import { nextStatus, type Progress, type StatusUpdate } from './status.ts';
import type { FailedUnits } from './unit-status.ts';

export class GitSyncReport {
  /** Filled by the stages as they go, so that a failure tells how far it came. */
  readonly progress: Progress = {};
  readonly attempt: SyncAttempt;
  /** Set where the sync went on without them. */
  failedUnits: FailedUnits | undefined;
  readonly #ports: Pick<GitSyncPorts, 'client' | 'events' | 'now' | 'telling'>;
  #sync: GitSync;
  #tail: Promise<void> = Promise.resolve();

  /** @param signal of the call: what the sync is doing is told no longer than it takes */
  constructor(ports: Pick<GitSyncPorts, 'client' | 'events' | 'now' | 'telling'>, sync: GitSync, signal: AbortSignal) {
    this.#ports = ports;
    this.#sync = sync;
    this.attempt = ports.telling.begin(sync, async (operation) => {
      await this.#write(() => ({ ...this.status, operation }), signal);
    });
  }

  get status(): GitSyncStatus {
    return this.#sync.status ?? {};
  }

  async save(update: StatusUpdate, signal: AbortSignal): Promise<void> {
    // An outcome is the last that is told: nothing may say afterwards that the sync still goes on.
    if (update.ready.status !== 'Unknown') await this.attempt.live.end();
    await this.#write(() => nextStatus(this.#sync, this.progress, update, this.#ports.now()), signal);
  }

  /** One after the other: each begins with what the one before has written. */
  async #write(next: () => GitSyncStatus, signal: AbortSignal): Promise<void> {
    const turn = this.#tail.then(async () => {
      const status = next();
      await this.#apply(status, signal);
    });
    this.#tail = turn.catch(() => undefined);
    await turn;
  }

  /** Adds to what the status says. */
  async note(fields: Partial<GitSyncStatus>, signal: AbortSignal): Promise<void> {
    await this.#apply({ ...this.status, ...fields }, signal);
  }

  async #apply(status: GitSyncStatus, signal: AbortSignal): Promise<void> {
    const saved = await saveStatus(this.#ports.client, RESOURCES.gitSyncs, this.#sync, status, signal);
    this.#sync = { ...withSaved(this.#sync, saved), status };
  }

  /** @param signal of the call, not of the sync: the failure is told even when a part ran out of time */
  async failed(error: StreamSpaceError | Failure, signal: AbortSignal): Promise<void> {
    const known = error instanceof StreamSpaceError;
    const message = (known ? describeFailure(error) : error.message).slice(0, 4000);
    this.warn(error.code, message);
    const problems = known ? problemsIn(error) : [{ code: 'ClusterRequestFailed' as const, message }];
    const { health } = this.#healthOf();
    const requested = this.#sync.metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
    await this.save(
      { ready: { status: 'False', reason: error.code, message }, problems, health, handledRequest: requested },
      signal,
    );
  }

  /** An event, unless `Ready` says the same already. */
  warn(reason: string, message: string): void {
    const before = findCondition(this.status.conditions, 'Ready');
    if (before?.reason !== reason || before.message !== message) this.event('Warning', reason, message);
  }

  event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name, namespace, uid } = this.#sync.metadata;
    if (uid !== undefined)
      this.#ports.events.record({ resource: RESOURCES.gitSyncs, namespace, name, uid }, { type, reason, message });
  }

  /** What the last look at the objects said; what is applied stays what it was when a sync did not come that far. */
  #healthOf(): { readonly health: GitSyncStatus['health'] } {
    const { unhealthy } = this.progress;
    return { health: unhealthy === undefined ? (this.status.health ?? 'Unknown') : healthWord(unhealthy) };
  }
}
