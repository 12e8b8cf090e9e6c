import { CronTime } from 'cron';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CronSchedule } from './cron-schedule.ts';

const span = (least: number, most: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: least, max: most }).map(String),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: most }).map((step) => `*/${step}`),
  );
const field = (least: number, most: number) =>
  fc.array(span(least, most), { minLength: 1, maxLength: 2 }).map((all) => all.join(','));
const months = fc.constantFrom('*', 'JAN-JUN', '2', '1,7', 'dec');
const weekdays = fc.constantFrom('*', 'MON-FRI', '0', '7', '5-7', 'sat,sun');

test('S-092 a schedule comes when the package cron says so', () => {
  const parts = fc.tuple(field(0, 59), field(0, 23), fc.oneof(fc.constant('*'), field(1, 28)), months, weekdays);
  fc.assert(
    fc.property(parts, fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2029-01-01') }), (fields, time) => {
      const text = fields.join(' ');
      expect(new Date(new CronSchedule(text).after(time)).toISOString()).toBe(
        new CronTime(text, 'UTC').getNextDateFrom(new Date(time), 'UTC').toJSDate().toISOString(),
      );
    }),
    { numRuns: 150 },
  );
}, 20_000);

test('a step from a number goes on to the end, and 7 is Sunday', () => {
  const after = (text: string, time: string) => new Date(new CronSchedule(text).after(Date.parse(time))).toISOString();
  expect(after('5/25 * * * *', '2026-01-01T00:31:00Z')).toBe('2026-01-01T00:55:00.000Z');
  expect(after('0 0 * * 7', '2026-01-01T00:00:00Z')).toBe('2026-01-04T00:00:00.000Z');
  expect(after('0 0 29 2 *', '2026-01-01T00:00:00Z')).toBe('2028-02-29T00:00:00.000Z');
});

test.each([
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * FOO *',
  '*/0 * * * *',
  '9-5 * * * *',
  '1.5 * * * *',
])('no schedule: "%s"', (text) => {
  expect(() => new CronSchedule(text)).toThrow(RangeError);
});

test('a date that never comes is said at once', () => {
  expect(new CronSchedule('0 0 30 2 *').after(0)).toBe(Number.POSITIVE_INFINITY);
});
