// Looks after the audit log: the tables of this month and the next, a checkpoint a day, and months that have been kept for long enough.
// Every replica runs it; each step is safe twice and from several at once.
import type { KeyObject } from 'node:crypto';
import type { PolicyRetention } from '../../runtime/audit/audit-rules.ts';
import type { Queryable } from '../../runtime/db/database.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { toStreamSpaceError } from '../http/problem.ts';
import { dropMonth, listMonths, prepareMonths } from '../store/audit-chain.ts';
import { type CheckpointStatus, isWarnedNow } from './checkpoint-status.ts';
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
  /** Each time that it could not be looked after. */
  readonly onFailure?: (code: ErrorCode) => void;
  readonly log: Logger;
  readonly now: () => Date;
}

/** A checkpoint is due once a day; what failed is tried again this soon. */
const EVERY_MS = 10 * 60_000;

export class AuditKeeper {
  readonly #ports: AuditKeeperPorts;
  readonly #lookedSince: Date;
  #known: CheckpointsState | undefined;
  #missing: readonly string[] = [];
  #failing: { readonly since: Date; readonly code: ErrorCode; readonly warnedAt: Date | undefined } | undefined;

  constructor(ports: AuditKeeperPorts) {
    this.#ports = ports;
    this.#lookedSince = ports.now();
  }

  get status(): CheckpointStatus {
    if (this.#ports.storage === undefined) return { state: 'off' };
    const at = this.#known?.last?.checkpoint.at;
    return {
      ...{ state: 'on', lookedSince: this.#lookedSince, failing: this.#failing, missing: this.#missing },
      lastAt: at === undefined ? undefined : new Date(at),
    };
  }

  /** Everything that is due now. */
  async round(signal: AbortSignal): Promise<void> {
    const { db, storage, policies, now } = this.#ports;
    await prepareMonths(db);
    if (storage === undefined) return;
    this.#known = await checkpointsState(storage.objects, this.#known, signal);
    if (isCheckpointDue(this.#known.last?.checkpoint.at, now())) await this.#checkpoint(storage, signal);
    const retention = policies();
    // Without the policies nobody knows which months may be gone.
    if (retention === undefined) return;
    await this.#lookForMissing(this.#known.months);
    if (retention.legalHold) return;
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
      const isDone = await this.attempt(signal);
      await delay(isDone ? EVERY_MS : EVERY_MS / 60, signal).catch(() => undefined);
    }
  }

  /** A round whose failure is told and kept in the status. Never rejects; false: it is to be tried again soon. */
  async attempt(signal: AbortSignal): Promise<boolean> {
    const { log } = this.#ports;
    try {
      await this.round(signal);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      return false;
    }
    if (this.#failing !== undefined) log.info({ since: this.#failing.since }, 'the audit log is looked after again');
    this.#failing = undefined;
    return true;
  }

  #failed(error: unknown): void {
    const { log, now, onFailure } = this.#ports;
    const { code } = toStreamSpaceError(error);
    onFailure?.(code);
    const { since = now(), warnedAt } = this.#failing ?? {};
    const isNews = isWarnedNow(since, warnedAt, now());
    this.#failing = { since, code, warnedAt: isNews ? now() : warnedAt };
    const about = { err: error, code, since, lastCheckpoint: this.#known?.last?.checkpoint.at ?? null };
    if (isNews) log.warn(about, 'the audit log is not looked after: no checkpoint is written; it is tried again');
    else log.debug(about, 'the audit log is still not looked after');
  }

  /** Looked at in each round, not only with a checkpoint: a process that starts after the one of today must know as well. */
  async #lookForMissing(known: CheckpointsState['months']): Promise<void> {
    const { unexplained } = changedMonths(await listMonths(this.#ports.db), known, this.#rule());
    const isNews = unexplained.some((month) => !this.#missing.includes(month));
    this.#missing = unexplained;
    if (isNews)
      this.#ports.log.error({ months: unexplained }, 'months of the audit log are gone and the retention does not say so');
  }

  #rule(): KeepRule {
    return { keepMonths: this.#ports.keepMonths, keepDays: this.#ports.policies()?.keepDays };
  }

  async #checkpoint(storage: NonNullable<AuditKeeperPorts['storage']>, signal: AbortSignal): Promise<void> {
    const { db, audit, now } = this.#ports;
    const { last, months: known } = this.#known ?? { last: undefined, months: new Map() };
    const { months } = changedMonths(await listMonths(db), known, this.#rule());
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
