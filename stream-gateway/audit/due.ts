// What of the audit log is due: pure, by the clock that is passed in.
import type { AuditMonth } from '../store/audit-chain.ts';
import type { MonthState } from './checkpoint.ts';

/** How long a month is kept after its end. Where both are said, both have to be over; where none is, it stays. */
export interface KeepRule {
  /** Whole months. */
  readonly keepMonths?: number | undefined;
  readonly keepDays?: number | undefined;
}

export function isExpired(month: string, { keepMonths, keepDays }: KeepRule, now: Date): boolean {
  if (keepMonths === undefined && keepDays === undefined) return false;
  const [year = 0, number = 0] = month.split('-').map(Number);
  // `number` counts from 1, so this is the first moment of the month after it, moved by what it is kept for.
  const ends = Math.max(Date.UTC(year, number + (keepMonths ?? 0)), Date.UTC(year, number, 1 + (keepDays ?? 0)));
  return now.getTime() >= ends;
}

/** As it is written down: what is not said is left out. */
export function said({ keepMonths, keepDays }: KeepRule): { readonly keepMonths?: number; readonly keepDays?: number } {
  return { ...(keepMonths === undefined ? {} : { keepMonths }), ...(keepDays === undefined ? {} : { keepDays }) };
}

/** The first of each day (UTC) sees the end of a month that was over with the day before. */
export function isCheckpointDue(lastAt: string | undefined, now: Date): boolean {
  return lastAt?.slice(0, 10) !== now.toISOString().slice(0, 10);
}

export interface Changes {
  readonly months: readonly MonthState[];
  /** Dropped, and no rule says so: not signed, so whoever verifies is told. */
  readonly unexplained: readonly string[];
}

/** What a checkpoint has to say beyond those before it. */
export function changedMonths(months: readonly AuditMonth[], known: ReadonlyMap<string, MonthState>, rule: KeepRule): Changes {
  const changed: MonthState[] = [];
  const unexplained: string[] = [];
  for (const { month, rows, lastSeq, lastHash, droppedAt } of months) {
    const before = known.get(month);
    if (before?.dropped != null) continue;
    if (droppedAt !== null) {
      if (isExpired(month, rule, new Date(droppedAt)))
        changed.push({ month, rows, lastSeq, lastHash, dropped: { at: droppedAt, ...said(rule) } });
      else unexplained.push(month);
    } else if (rows > 0 && (before?.rows !== rows || before.lastHash !== lastHash))
      changed.push({ month, rows, lastSeq, lastHash, dropped: null });
  }
  return { months: changed, unexplained };
}
