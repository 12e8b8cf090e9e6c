// Deletes what is marked: objects first, then rows, and the audit in between, so that a crash at any place ends with both gone and
// with an event. Every replica runs it; a recording is claimed by one of them at a time.
import type { Database } from '../../../runtime/db/database.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { Recording } from '../../store/recordings/recording.ts';
import { bury, claimMarked, giveBack, markExpired } from '../../store/recordings/retention.ts';
import type { KeptObjects } from './objects.ts';

export interface DeletionPorts {
  readonly db: Database;
  readonly objects: Pick<KeptObjects, 'list' | 'delete'>;
  /** Resolves when the event is kept. */
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly log: Logger;
  readonly now: () => Date;
}

/** In one round, so that a year that ends at once takes several and other work goes on. */
const MAX_EXPIRED = 100;
const RETRY_MS = 60_000;
const EVERY_MS = 60_000;

/** Everything that is due now. @returns how many were deleted */
export async function deleteDue(ports: DeletionPorts, signal: AbortSignal): Promise<number> {
  const { db, log, now } = ports;
  await markExpired(db, now(), MAX_EXPIRED);
  let deleted = 0;
  for (let next = await claimMarked(db, now()); next !== undefined; next = await claimMarked(db, now())) {
    signal.throwIfAborted();
    try {
      await deleteOne(ports, next, signal);
      deleted += 1;
    } catch (error) {
      if (signal.aborted) throw error;
      const code = error instanceof StreamSpaceError ? error.code : undefined;
      log.warn({ err: error, recording: next.id, code }, 'a recording could not be deleted; it is tried again');
      await giveBack(db, next.id, new Date(now().getTime() + RETRY_MS));
    }
  }
  return deleted;
}

async function deleteOne(ports: DeletionPorts, recording: Recording, signal: AbortSignal): Promise<void> {
  const { db, objects, audit, now } = ports;
  let count = 0;
  for await (const { key } of objects.list(recording.keyPrefix, { signal })) {
    await objects.delete(key, { signal });
    count += 1;
  }
  await audit(deletionOf(recording, count));
  await bury(db, recording.id, now());
}

/** What proves the deletion: who and why, and the hash of the chain, which no other recording has. */
function deletionOf(recording: Recording, objects: number): AuditEvent {
  const { id, session, deletedBy, deletedReason, segments, bytes, chain, retentionUntil, policy } = recording;
  return {
    type: 'recording.deleted',
    actor: deletedBy,
    result: 'success',
    object: `Recording/${session.namespace}/${id}`,
    details: {
      ...{ session: session.name, owner: recording.owner, reason: deletedReason, segments, bytes, chain, objects },
      ...(deletedBy === null ? { policy: policy.name, retentionUntil: retentionUntil?.toISOString() ?? null } : {}),
    },
  };
}

type LoopPorts = Omit<DeletionPorts, 'objects'> & { readonly objects: DeletionPorts['objects'] | undefined };

/** Once a minute, and when somebody has marked one. Without a storage there is nothing to delete from: what is marked waits for one. */
export class DeletionLoop {
  readonly #ports: LoopPorts;
  #woken = new AbortController();

  constructor(ports: LoopPorts) {
    this.#ports = ports;
  }

  /** Somebody has marked one. */
  wake(): void {
    this.#woken.abort();
  }

  /** Resolves when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { objects } = this.#ports;
    if (objects === undefined) return;
    while (!signal.aborted) {
      this.#woken = new AbortController();
      await deleteDue({ ...this.#ports, objects }, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#ports.log.debug({ err: error }, 'recordings could not be looked through for deletion');
      });
      await delay(EVERY_MS, AbortSignal.any([signal, this.#woken.signal])).catch(() => undefined);
    }
  }
}
