// Tells what a sync does: status and Kubernetes Events. The only writer of a GitSync's status.

import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { GitSync, GitSyncStatus } from '../../schemas/kinds/git-sync.ts';
import { ANNOTATIONS } from '../../schemas/names.ts';
import { describeFailure, problemsIn } from './failures.ts';
import type { GitSyncPorts } from './git-sync-ports.ts';
import { nextStatus, type Progress, type StatusUpdate } from './git-sync-status.ts';
import { type Failure, saveStatus } from './save-status.ts';

export class GitSyncReport {
  /** Filled by the stages as they go, so that a failure tells how far it came. */
  readonly progress: Progress = {};
  readonly #ports: Pick<GitSyncPorts, 'client' | 'events' | 'now'>;
  #sync: GitSync;

  constructor(ports: Pick<GitSyncPorts, 'client' | 'events' | 'now'>, sync: GitSync) {
    this.#ports = ports;
    this.#sync = sync;
  }

  get status(): GitSyncStatus {
    return this.#sync.status ?? {};
  }

  async save(update: StatusUpdate, signal: AbortSignal): Promise<void> {
    const status = nextStatus(this.#sync, this.progress, update, this.#ports.now());
    await saveStatus(this.#ports.client, RESOURCES.gitSyncs, this.#sync, status, signal);
    this.#sync = { ...this.#sync, status };
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
    if (unhealthy === undefined) return { health: this.status.health ?? 'Unknown' };
    if (unhealthy.length === 0) return { health: 'Healthy' };
    return { health: unhealthy.some(({ state }) => state === 'Failed') ? 'Degraded' : 'Progressing' };
  }
}
