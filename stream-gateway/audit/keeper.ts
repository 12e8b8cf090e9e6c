// Looks after the audit log: the tables of this month and the next, a checkpoint a day, and months that have been kept for long enough.
// Every replica runs it; each step is safe twice and from several at once.
import type { KeyObject } from 'node:crypto';
import type { PolicyRetention } from '../../runtime/audit/audit-rules.ts';
import type { Queryable } from '../../runtime/db/database.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { dropMonth, listMonths, prepareMonths } from '../store/audit-chain.ts';
import { type CheckpointObjects, type CheckpointsState, checkpointsState, putCheckpoint } from './checkpoints.ts';
import { changedMonths, isCheckpointDue, isExpired, type KeepRule, said } from './due.ts';

export interface AuditKeeperPorts {
  readonly db: Queryable;
  /** Undefined: nothing is signed, and then nothing is dropped either. */
  readonly storage: { readonly objects: CheckpointObjects; readonly signingKey: KeyObject } | undefined;
  /** Of the settings: whole months after the end of a month; undefined: they say nothing. */
  readonly keepMonths: number | undefined;
  /** Of the policies; undefined: they are not known yet, and nothing is dropped until they are. */
  readonly policies: () => PolicyRetention | undefined;
  /** Resolves when the event is kept. */
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly log: Logger;
  readonly now: () => Date;
}

/** A checkpoint is due once a day; what failed is tried again this soon. */
const EVERY_MS = 10 * 60_000;

export class AuditKeeper {
  readonly #ports: AuditKeeperPorts;
  #known: CheckpointsState | undefined;

  constructor(ports: AuditKeeperPorts) {
    this.#ports = ports;
  }

  /** Everything that is due now. */
  async round(signal: AbortSignal): Promise<void> {
    const { db, storage, policies, now } = this.#ports;
    await prepareMonths(db);
    if (storage === undefined) return;
    this.#known = await checkpointsState(storage.objects, this.#known, signal);
    if (isCheckpointDue(this.#known.last?.checkpoint.at, now())) await this.#checkpoint(storage, signal);
    const retention = policies();
    if (retention === undefined || retention.legalHold) return;
    let dropped = false;
    for (const { month, droppedAt, hold } of await listMonths(db)) {
      if (droppedAt !== null || hold !== null || !isExpired(month, this.#rule(), now())) continue;
      dropped = (await this.#drop(month)) || dropped;
    }
    // The proof that it was there, and how it ended, is not left to the next day.
    if (dropped) await this.#checkpoint(storage, signal);
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.round(signal).then(
        () => EVERY_MS,
        (error: unknown) => {
          this.#ports.log.debug({ err: error }, 'the audit log could not be looked after; it is tried again');
          return EVERY_MS / 60;
        },
      );
      await delay(waitMs, signal).catch(() => undefined);
    }
  }

  #rule(): KeepRule {
    return { keepMonths: this.#ports.keepMonths, keepDays: this.#ports.policies()?.keepDays };
  }

  async #checkpoint(storage: NonNullable<AuditKeeperPorts['storage']>, signal: AbortSignal): Promise<void> {
    const { db, audit, log, now } = this.#ports;
    const { last, months: known } = this.#known ?? { last: undefined, months: new Map() };
    const { months, unexplained } = changedMonths(await listMonths(db), known, this.#rule());
    if (unexplained.length > 0)
      log.error({ months: unexplained }, 'months of the audit log are gone and the retention does not say so');
    const content = { after: last, at: now(), months };
    const made = await putCheckpoint(storage.objects, storage.signingKey, content, signal);
    this.#known = await checkpointsState(storage.objects, this.#known, signal);
    if (made === undefined) return;
    // So that the log misses a checkpoint that somebody takes away.
    const details = { number: made.checkpoint.number, sha256: made.sha256, months: months.length };
    await audit({ type: 'audit.checkpoint', actor: null, result: 'success', object: 'AuditLog', details });
  }

  async #drop(month: string): Promise<boolean> {
    const { db, audit } = this.#ports;
    if (!(await dropMonth(db, month))) return false;
    const ended = (await listMonths(db)).find((one) => one.month === month);
    const details = { month, rows: ended?.rows ?? null, lastHash: ended?.lastHash ?? null, ...said(this.#rule()) };
    await audit({ type: 'audit.month-dropped', actor: null, result: 'success', object: `AuditLog/${month}`, details });
    return true;
  }
}
