// Whether the audit log can prove itself: what the keeper has seen of its checkpoints, and what is wrong with that. Pure.
import type { ErrorCode } from '../../schemas/errors.ts';

export type CheckpointStatus =
  /** There is no storage for them. */
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      /** Of the newest one; undefined: none was seen yet. */
      readonly lastAt: Date | undefined;
      /** Since when it is looked for them. */
      readonly lookedSince: Date;
      readonly failing: { readonly since: Date; readonly code: ErrorCode } | undefined;
      /** Months that are gone, and the retention does not say so. */
      readonly missing: readonly string[];
    };

/** One a day is due; storage and database may be away for a while. */
const LATE_MS = 26 * 3_600_000;
/** What heals by the next few tries is no news. */
const FORGIVEN_MS = 60_000;
/** A failure goes on every ten seconds: it is said once it is no moment any more, and then this often. */
const WARN_EVERY_MS = 3_600_000;

/** Of the newest checkpoint; while none was seen, of the time since it is looked for one. Undefined where there is no storage. */
export function checkpointAgeMs(status: CheckpointStatus, now: Date): number | undefined {
  if (status.state === 'off') return undefined;
  return Math.max(0, now.getTime() - (status.lastAt ?? status.lookedSince).getTime());
}

export interface CheckpointProblem {
  readonly code: 'AuditCheckpointsOff' | 'AuditCheckpointsLate' | 'AuditNotGenuine';
  readonly message: string;
}

export function checkpointProblems(status: CheckpointStatus, now: Date): readonly CheckpointProblem[] {
  if (status.state === 'off')
    return [
      {
        code: 'AuditCheckpointsOff',
        message: 'there is no storage for checkpoints: the audit log cannot prove itself against whoever owns the database',
      },
    ];
  const { failing, lastAt, missing } = status;
  const isLate = (checkpointAgeMs(status, now) ?? 0) > LATE_MS;
  const fails = failing !== undefined && isLasting(failing.since, now);
  const gone = missing.length === 0 ? [] : [{ code: 'AuditNotGenuine' as const, message: goneMessage(missing) }];
  if (!isLate && !fails) return gone;
  const since =
    lastAt === undefined
      ? 'no checkpoint of the audit log was ever seen'
      : `checkpoints of the audit log are not written since ${lastAt.toISOString()}`;
  const why = failing === undefined ? '' : `, and the keeper fails since ${failing.since.toISOString()}: ${failing.code}`;
  return [...gone, { code: 'AuditCheckpointsLate', message: since + why }];
}

function goneMessage(months: readonly string[]): string {
  const [are, which] = months.length === 1 ? ['is', 'month'] : ['are', 'months'];
  return `the ${which} ${months.join(', ')} of the audit log ${are} gone, and the retention does not say so`;
}

/** @param warnedAt of the last warning of this failure; undefined: there was none */
export function isWarnedNow(since: Date, warnedAt: Date | undefined, now: Date): boolean {
  if (warnedAt === undefined) return isLasting(since, now);
  return now.getTime() - warnedAt.getTime() >= WARN_EVERY_MS;
}

function isLasting(since: Date, now: Date): boolean {
  return now.getTime() - since.getTime() >= FORGIVEN_MS;
}
