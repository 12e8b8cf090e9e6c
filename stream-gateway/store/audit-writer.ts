// The one way into the audit log. Events are stored in the order in which they were recorded, also over an outage of the
// database: while something waits in the spool, everything later goes there too.
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../runtime/db/database.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { AUDIT_EVENTS, type AuditEvent } from '../../schemas/events.ts';
import { appendEvents, type StampedEvent } from './audit.ts';
import type { AuditSpool } from './audit-spool.ts';

export interface AuditWriterPorts {
  readonly db: Queryable;
  readonly spool: AuditSpool;
  readonly log: Logger;
  readonly now: () => Date;
}

export class AuditWriter {
  readonly #ports: AuditWriterPorts;
  /** Also at the start: the last run may have left something. */
  #spooled = true;
  #tail: Promise<void> = Promise.resolve();

  constructor(ports: AuditWriterPorts) {
    this.#ports = ports;
  }

  /** Resolves once the event is in the database or safely in the spool. Rejects only when both refuse it. */
  async record(event: AuditEvent): Promise<void> {
    if (!Object.hasOwn(AUDIT_EVENTS, event.type)) throw new RangeError(`${event.type} is not in the catalogue of events`);
    const stamped: StampedEvent = { ...event, id: randomUUID(), at: this.#ports.now().toISOString() };
    await this.#inOrder(() => this.#write(stamped));
  }

  /** True when nothing waits on disk. */
  get upToDate(): boolean {
    return !this.#spooled;
  }

  /** Replays the spool as soon as the database answers. Resolves when the signal is aborted. */
  async replayLoop(signal: AbortSignal): Promise<void> {
    const { log } = this.#ports;
    while (!signal.aborted) {
      if (this.#spooled) {
        await this.#inOrder(() => this.#replay()).catch((error: unknown) =>
          log.debug({ err: error }, 'audit events still wait for the database'),
        );
      }
      await delay(1_000, signal).catch(() => undefined);
    }
  }

  /** Waits for what is being written; the spool stays for the next run. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail;
    await this.#ports.spool.close();
  }

  /** One at a time: the order of the calls is the order in the log. */
  async #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    await done;
  }

  async #write(event: StampedEvent): Promise<void> {
    const { db, spool, log } = this.#ports;
    if (!this.#spooled) {
      try {
        await appendEvents(db, [event]);
        return;
      } catch (error) {
        log.warn({ err: error }, 'audit events go to the spool until the database answers');
        this.#spooled = true;
      }
    }
    await spool.append(event);
  }

  async #replay(): Promise<void> {
    const { db, spool, log } = this.#ports;
    const count = await spool.drain((events) => appendEvents(db, events));
    this.#spooled = false;
    if (count > 0) log.info({ count }, 'audit events of the spool are stored');
  }
}
