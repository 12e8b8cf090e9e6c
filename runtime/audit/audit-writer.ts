// The one way into the audit log. Events are stored in the order in which they were recorded, also over an outage of the
// database: while something waits in the spool, everything later goes there too.
import { randomUUID } from 'node:crypto';
import { AUDIT_EVENTS, type AuditEvent } from '../../schemas/events.ts';
import type { Queryable } from '../db/database.ts';
import type { Logger } from '../log/log.ts';
import { delay } from '../shutdown/shutdown.ts';
import { appendEvents, type StampedEvent } from './append-events.ts';
import { AuditRules } from './audit-rules.ts';
import type { AuditSpool } from './audit-spool.ts';

export interface AuditWriterPorts {
  readonly db: Queryable;
  readonly spool: AuditSpool;
  readonly log: Logger;
  readonly now: () => Date;
  /** Of the policies of the moment. Default: none, so secrets alone are blacked out. */
  readonly rules?: () => AuditRules;
  /** Told at once of events that were kept nowhere. */
  readonly onLost?: (count: number) => void;
}

const NO_POLICY = new AuditRules([]);

export class AuditWriter {
  readonly #ports: AuditWriterPorts;
  /** Also at the start: the last run may have left something. */
  #spooled = true;
  /** Events that neither took, since the database last answered. */
  #lost = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(ports: AuditWriterPorts) {
    this.#ports = ports;
  }

  /**
   * Resolves once the event is in the database or safely in the spool, as far as the policies keep it. Rejects only when both refuse it.
   */
  async record(event: AuditEvent): Promise<void> {
    await this.recordStamped([this.#stamp(event)]);
  }

  /** The same for what somebody else has seen: with ids and times that are the same whenever it is told again. */
  async recordStamped(events: readonly StampedEvent[]): Promise<void> {
    const kept = events.flatMap((event) => this.#kept(event));
    if (kept.length > 0) await this.#inOrder(() => this.#write(kept));
  }

  /** Rules are applied before anything is written, to disk as well. */
  #kept({ id, at, ...event }: StampedEvent): readonly StampedEvent[] {
    if (!Object.hasOwn(AUDIT_EVENTS, event.type)) throw new RangeError(`${event.type} is not in the catalogue of events`);
    const kept = (this.#ports.rules?.() ?? NO_POLICY).apply(event);
    return kept === undefined ? [] : [{ ...kept, id, at }];
  }

  #stamp(event: AuditEvent): StampedEvent {
    return { ...event, id: randomUUID(), at: this.#ports.now().toISOString() };
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

  async #write(events: readonly StampedEvent[]): Promise<void> {
    const { db, spool, log } = this.#ports;
    if (!this.#spooled) {
      try {
        await appendEvents(db, events);
        return;
      } catch (error) {
        log.warn({ err: error }, 'audit events go to the spool until the database answers');
        this.#spooled = true;
      }
    }
    for (const [index, event] of events.entries()) {
      try {
        await spool.append(event);
      } catch (error) {
        const count = events.length - index;
        this.#lost += count;
        this.#ports.onLost?.(count);
        throw error;
      }
    }
  }

  async #replay(): Promise<void> {
    const { db, spool, log } = this.#ports;
    const count = await spool.drain((events) => appendEvents(db, events));
    this.#spooled = false;
    if (this.#lost > 0) {
      const details = { count: this.#lost };
      await appendEvents(db, [this.#stamp({ type: 'audit.lost', actor: null, result: 'failure', details })]);
      this.#lost = 0;
    }
    if (count > 0) log.info({ count }, 'audit events of the spool are stored');
  }
}
