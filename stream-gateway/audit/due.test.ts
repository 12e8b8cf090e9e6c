import { expect, test } from 'vitest';
import type { AuditMonth } from '../store/audit-chain.ts';
import type { MonthState } from './checkpoint.ts';
import { changedMonths, isCheckpointDue, isExpired } from './due.ts';

const at = (time: string): Date => new Date(time);

test('a month is kept for whole months after its end, over the turn of the year too', () => {
  expect(isExpired('2026-11', { keepMonths: 1 }, at('2026-12-31T23:59:59.999Z'))).toBe(false);
  expect(isExpired('2026-11', { keepMonths: 1 }, at('2027-01-01T00:00:00.000Z'))).toBe(true);
  expect(isExpired('2026-11', { keepMonths: 12 }, at('2027-11-30T23:59:59.999Z'))).toBe(false);
  expect(isExpired('2026-11', { keepMonths: 12 }, at('2027-12-01T00:00:00.000Z'))).toBe(true);
  expect(isExpired('1999-01', {}, at('2027-12-01T00:00:00.000Z'))).toBe(false);
});

test('a month is kept for whole days after its end, and for the longer one of two rules', () => {
  expect(isExpired('2026-11', { keepDays: 31 }, at('2026-12-31T23:59:59.999Z'))).toBe(false);
  expect(isExpired('2026-11', { keepDays: 31 }, at('2027-01-01T00:00:00.000Z'))).toBe(true);
  expect(isExpired('2026-11', { keepDays: 31, keepMonths: 2 }, at('2027-01-31T23:59:59.999Z'))).toBe(false);
  expect(isExpired('2026-11', { keepDays: 90, keepMonths: 1 }, at('2027-02-28T23:59:59.999Z'))).toBe(false);
  expect(isExpired('2026-11', { keepDays: 90, keepMonths: 1 }, at('2027-03-01T00:00:00.000Z'))).toBe(true);
});

test('a checkpoint is due with the first round of a day, and the first of all', () => {
  expect(isCheckpointDue(undefined, at('2026-11-28T12:00:00Z'))).toBe(true);
  expect(isCheckpointDue('2026-11-28T00:00:01.000Z', at('2026-11-28T23:59:59Z'))).toBe(false);
  expect(isCheckpointDue('2026-11-30T23:59:59.000Z', at('2026-12-01T00:00:00Z'))).toBe(true);
});

const month = (name: string, more: Partial<AuditMonth> = {}): AuditMonth => ({
  ...{ month: name, rows: 5, lastSeq: 5, lastHash: 'a'.repeat(64), droppedAt: null, stored: true, hold: null },
  ...more,
});
const known = (...states: readonly MonthState[]): ReadonlyMap<string, MonthState> =>
  new Map(states.map((state) => [state.month, state]));

test('a checkpoint says what is new, and nothing of a month without rows', () => {
  const { month: name, rows, lastSeq, lastHash } = month('2026-10');
  const before = known({ month: name, rows, lastSeq, lastHash, dropped: null });
  const changes = changedMonths([month('2026-10'), month('2026-11'), month('2026-12', { rows: 0 })], before, {});
  expect(changes.months.map((each) => each.month)).toEqual(['2026-11']);
});

test('a month that is gone before its time is not signed away', () => {
  const months = [
    month('2026-08', { droppedAt: '2026-11-01T00:00:00.000Z' }),
    month('2026-10', { droppedAt: '2026-11-02T00:00:00.000Z' }),
  ];
  const { months: changed, unexplained } = changedMonths(months, known(), { keepMonths: 2 });
  expect(changed).toMatchObject([{ month: '2026-08', dropped: { keepMonths: 2 } }]);
  expect(unexplained).toEqual(['2026-10']);
  expect(changedMonths(months, known(), {}).unexplained).toEqual(['2026-08', '2026-10']);
});
