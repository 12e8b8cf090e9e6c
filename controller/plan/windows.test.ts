import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SyncWindow, syncWindow } from '../../schemas/kinds/git-sync/sync-window.ts';
import { windowAt } from './windows.ts';
import { offsetAt } from './zone-offset.ts';

const window = (fields: Partial<SyncWindow>): SyncWindow =>
  syncWindow.parse({ kind: 'Allow', schedule: '0 22 * * *', duration: '8h', ...fields });
const at = (windows: readonly SyncWindow[], time: string) => windowAt(windows, new Date(time));
const next = (windows: readonly SyncWindow[], time: string) => at(windows, time).nextChangeAt?.toISOString();

test('S-092 without windows it is open, and stays so', () => {
  expect(windowAt([], new Date(0))).toMatchObject({ open: true, openByHand: true, nextChangeAt: undefined });
});

test('S-092 an allow is open from its first to before its last instant, and tells the next edge', () => {
  const windows = [window({})];
  expect(at(windows, '2026-01-10T21:59:59.999Z').open).toBe(false);
  expect(at(windows, '2026-01-10T22:00:00.000Z').open).toBe(true);
  expect(at(windows, '2026-01-11T05:59:59.999Z').open).toBe(true);
  expect(at(windows, '2026-01-11T06:00:00.000Z').open).toBe(false);
  expect(next(windows, '2026-01-10T12:00:00Z')).toBe('2026-01-10T22:00:00.000Z');
  expect(next(windows, '2026-01-10T22:00:00Z')).toBe('2026-01-11T06:00:00.000Z');
});

test('S-092 deny wins over allow, and the next edge is the end of what is denied within what is allowed', () => {
  const windows = [window({}), window({ kind: 'Deny', schedule: '0 23 * * *', duration: '30m' })];
  expect(at(windows, '2026-01-10T22:30:00Z').open).toBe(true);
  expect(at(windows, '2026-01-10T23:00:00Z')).toMatchObject({ open: false, because: expect.stringContaining('denies') });
  expect(next(windows, '2026-01-10T23:00:00Z')).toBe('2026-01-10T23:30:00.000Z');
  // The end of a denial outside of what is allowed opens nothing.
  const outside = [window({}), window({ kind: 'Deny', schedule: '0 8 * * *', duration: '1h' })];
  expect(next(outside, '2026-01-10T08:30:00Z')).toBe('2026-01-10T22:00:00.000Z');
});

describe('S-092 the night in which the clock is changed', () => {
  const berlin = [window({ kind: 'Deny', timeZone: 'Europe/Berlin' })];
  const newYork = [window({ kind: 'Deny', timeZone: 'America/New_York' })];
  // What is denied from 22:00 for 8h ends at 06:00 of the clock on the wall, in each of the four nights and in a common one.
  test.each([
    ['Berlin, common', berlin, '2026-02-01T23:00:00Z', '2026-02-02T05:00:00.000Z'],
    ['Berlin, to summer', berlin, '2026-03-28T23:00:00Z', '2026-03-29T04:00:00.000Z'],
    ['Berlin, to winter', berlin, '2026-10-24T23:00:00Z', '2026-10-25T05:00:00.000Z'],
    ['New York, to summer', newYork, '2026-03-08T05:00:00Z', '2026-03-08T10:00:00.000Z'],
    ['New York, to winter', newYork, '2026-11-01T05:00:00Z', '2026-11-01T11:00:00.000Z'],
  ])('%s', (_what, windows, from, end) => {
    expect(at(windows, from).open).toBe(false);
    expect(next(windows, from)).toBe(end);
    expect(at(windows, new Date(Date.parse(end) - 1).toISOString()).open).toBe(false);
    expect(at(windows, end).open).toBe(true);
  });

  test('a span that the clock skips in whole does not come; one that it skips in part begins late', () => {
    const inGap = [window({ schedule: '15 2 * * *', duration: '30m', timeZone: 'Europe/Berlin' })];
    expect(next(inGap, '2026-03-28T12:00:00Z')).toBe('2026-03-30T00:15:00.000Z');
    const across = [window({ schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' })];
    expect(next(across, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z'); // 03:00 in summer time
    expect(next(across, '2026-03-29T01:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
  });

  test('a span that the clock shows twice comes twice', () => {
    const twice = [window({ schedule: '15 2 * * *', duration: '30m', timeZone: 'Europe/Berlin' })];
    const edges = ['2026-10-24T12:00:00Z'];
    for (let index = 0; index < 4; index += 1) edges.push(next(twice, edges.at(-1) ?? '') ?? '');
    expect(edges.slice(1).map((edge) => edge.slice(11, 16))).toEqual(['00:15', '00:45', '01:15', '01:45']);
  });
});

test('S-092 what is asked for by hand passes where every window that closes says so', () => {
  const manual = window({ kind: 'Deny', schedule: '* * * * *', duration: '1m', manual: true });
  const strict = window({ kind: 'Deny', schedule: '* * * * *', duration: '1m' });
  expect(at([manual], '2026-01-01T00:00:00Z')).toMatchObject({ open: false, openByHand: true });
  expect(at([manual, strict], '2026-01-01T00:00:00Z')).toMatchObject({ open: false, openByHand: false });
  expect(at([window({ manual: true })], '2026-01-01T12:00:00Z')).toMatchObject({ open: false, openByHand: true });
  expect(at([window({ manual: true }), window({})], '2026-01-01T12:00:00Z').openByHand).toBe(false);
});

test('S-092 a date that never comes never opens, and day of month or day of week is enough where both are given', () => {
  expect(at([window({ schedule: '0 0 30 2 *' })], '2026-01-01T00:00:00Z')).toMatchObject({
    open: false,
    nextChangeAt: undefined,
  });
  const both = [window({ schedule: '0 0 13 * FRI', duration: '1h' })];
  expect(next(both, '2026-01-10T00:00:00Z')).toBe('2026-01-13T00:00:00.000Z');
  expect(next(both, '2026-01-13T02:00:00Z')).toBe('2026-01-16T00:00:00.000Z');
});

test('a schedule or a zone that cannot be read is an error with a code', () => {
  expect(() => at([window({ schedule: '61 * * * *' })], '2026-01-01T00:00:00Z')).toThrow(
    expect.objectContaining({ code: 'WindowInvalid' }),
  );
  expect(() => at([window({ timeZone: 'Europe/Nowhere' })], '2026-01-01T00:00:00Z')).toThrow(
    expect.objectContaining({ code: 'WindowInvalid' }),
  );
});

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham'];
const anyWindow = fc
  .record({
    kind: fc.constantFrom('Allow' as const, 'Deny' as const),
    minute: fc.integer({ min: 0, max: 59 }),
    hour: fc.oneof(fc.constant('*'), fc.integer({ min: 0, max: 23 }).map(String)),
    weekday: fc.constantFrom('*', 'SUN', 'MON-FRI'),
    minutes: fc.integer({ min: 1, max: 1500 }),
    timeZone: fc.constantFrom(...zones),
  })
  .map(({ kind, minute, hour, weekday, minutes, timeZone }) =>
    window({ kind, schedule: `${minute} ${hour} * * ${weekday}`, duration: `${minutes}m`, timeZone }),
  );
// Around the nights in which clocks are changed, and anywhere in two years.
const anyInstant = fc.oneof(
  fc.integer({ min: Date.parse('2026-03-07T00:00:00Z'), max: Date.parse('2026-04-06T00:00:00Z') }),
  fc.integer({ min: Date.parse('2026-10-03T00:00:00Z'), max: Date.parse('2026-11-02T00:00:00Z') }),
  fc.integer({ min: Date.parse('2025-01-01T00:00:00Z'), max: Date.parse('2027-01-01T00:00:00Z') }),
);

/** The same by another way: minute by minute backwards on the clock on the wall. */
function holdsSlowly({ schedule, duration, timeZone }: SyncWindow, instant: number): boolean {
  const [minute, hour, , , weekday] = schedule.split(' ');
  const wall = instant + offsetAt(timeZone, instant);
  const minutes = Number.parseInt(duration, 10);
  const first = Math.floor(wall / 60_000) * 60_000;
  for (let start = first; start > wall - minutes * 60_000; start -= 60_000) {
    const date = new Date(start);
    const day = date.getUTCDay();
    const onDay = weekday === '*' || (weekday === 'SUN' ? day === 0 : day >= 1 && day <= 5);
    const onHour = hour === '*' || Number(hour) === date.getUTCHours();
    if (onDay && onHour && Number(minute) === date.getUTCMinutes()) return true;
  }
  return false;
}

test('S-092 the decision is right at every instant, and nothing changes before the edge that is told', () => {
  fc.assert(
    fc.property(fc.array(anyWindow, { minLength: 1, maxLength: 4 }), anyInstant, (windows, instant) => {
      const expected = (time: number): boolean => {
        const holding = windows.filter((each) => holdsSlowly(each, time));
        const allows = windows.some(({ kind }) => kind === 'Allow');
        return !holding.some(({ kind }) => kind === 'Deny') && (!allows || holding.some(({ kind }) => kind === 'Allow'));
      };
      const { open, nextChangeAt } = windowAt(windows, new Date(instant));
      expect(open).toBe(expected(instant));
      if (nextChangeAt === undefined) return;
      const edge = nextChangeAt.getTime();
      expect(edge).toBeGreaterThan(instant);
      expect(expected(edge)).toBe(!open);
      expect(expected(edge - 1)).toBe(open);
      for (let step = 1; step < 8; step += 1)
        expect(expected(instant + Math.floor(((edge - 1 - instant) * step) / 8))).toBe(open);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('S-092 a clock that is wrong moves an edge by as much and never turns a denial round', () => {
  const windows = [window({}), window({ kind: 'Deny', schedule: '0 23 * * *', duration: '30m' })];
  fc.assert(
    fc.property(anyInstant, fc.integer({ min: -3_600_000, max: 3_600_000 }), (instant, skewMs) => {
      // Each call decides from its own clock alone: back on time, the answer is the right one again.
      windowAt(windows, new Date(instant + skewMs));
      const told = windowAt(windows, new Date(instant));
      expect(told).toEqual(windowAt(windows, new Date(instant)));
      expect(told.open && holdsSlowly(windows[1] as SyncWindow, instant)).toBe(false);
    }),
    { numRuns: 50 },
  );
});
