import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionStatus } from '../kinds/sessions/session.ts';
import { admissionAt } from './held.ts';
import { cpuSecondsText, monthOf, nextMonthMs, parseCpuSeconds, usageAfter, usedInMonth, wholeUsage } from './hours.ts';
import { type LedgerData, ledgerOf, withClosed } from './ledger.ts';

const at = (text: string): number => Date.parse(text);
const RUN = { at: '2026-06-30T22:00:00.000Z', running: true, cpu: '1500m', memory: '1Gi', storage: '1Gi' };

test('a run over the end of a month counts in both, to the millisecond', () => {
  const until = at('2026-07-01T00:00:00.001Z');
  expect(wholeUsage({ admission: RUN }, until)).toEqual([
    { month: '2026-06', cpuSeconds: '10800' },
    { month: '2026-07', cpuSeconds: '0.0015' },
  ]);
  expect(usedInMonth({ admission: RUN }, until)).toBe(1_500n);
  expect(new Date(nextMonthMs(at('2026-12-31T23:59:59Z'))).toISOString()).toBe('2027-01-01T00:00:00.000Z');
});

test('a clock that was set back counts nothing, and takes away nothing that was counted', () => {
  const usage = [{ month: '2026-06', cpuSeconds: '60' }];
  expect(usageAfter({ admission: RUN, usage }, undefined, at('2026-06-30T21:00:00Z'))).toEqual(usage);
});

test('hours of the latest 13 months are kept', () => {
  const long = { ...RUN, at: '2024-01-01T00:00:00Z' };
  const months = wholeUsage({ admission: long }, at('2026-02-01T00:00:00Z')).map(({ month }) => month);
  expect([months.length, months[0], months.at(-1)]).toEqual([13, '2025-01', '2026-01']);
});

test('however often a session starts, stops and grows, what it has used is reserved CPU times time, exactly', () => {
  const step = fc.record({ pauseMs: fc.nat(40 * 86_400_000), cpuMilli: fc.integer({ min: 0, max: 64_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let now = at('2026-01-31T23:00:00.123Z');
      let status: SessionStatus = {};
      let wanted = 0n;
      let open: { readonly sinceMs: number; readonly cpuMilli: number } | undefined;
      const total = (): bigint => wholeUsage(status, now).reduce((sum, { cpuSeconds }) => sum + parseCpuSeconds(cpuSeconds), 0n);
      for (const { pauseMs, cpuMilli } of steps) {
        now += pauseMs;
        const running = cpuMilli > 0;
        const reserves = { cpu: `${cpuMilli}m`, memory: '1', storage: '1' };
        const admission = admissionAt(new Date(now), status.admission, reserves, running);
        const usage = usageAfter(status, admission, now);
        status = { admission, ...(usage === undefined ? {} : { usage }) };
        const begins = Date.parse(admission.at);
        if (open !== undefined) wanted += BigInt(((running ? begins : now) - open.sinceMs) * open.cpuMilli);
        open = running ? { sinceMs: begins, cpuMilli } : undefined;
        expect(total()).toBe(wanted);
      }
    }),
  );
});

test('a session is counted once in the ledger, however often it is written down, and apart from others', () => {
  const closed = { namespace: 'team-web', owner: 'anna', template: 'streamspace/terminal', uid: 'a', used: 1_500_000n };
  let data: LedgerData = { month: '2026-06', entries: [], closed: [] };
  for (const session of [closed, closed, { ...closed, uid: 'b' }, { ...closed, uid: 'c', owner: 'bert' }])
    data = withClosed(data, session);
  const object = { data: { 'usage.json': JSON.stringify(data) } };
  const { entries } = ledgerOf([object, { data: { 'usage.json': '{' } }, {}], '2026-06');
  expect(entries.map(({ owner, used }) => [owner, used])).toEqual([
    ['anna', 3_000_000n],
    ['bert', 1_500_000n],
  ]);
  expect(ledgerOf([object], '2026-07').entries).toEqual([]);
});

test('CPU seconds that were written are read as the same value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (micros) => {
      expect(parseCpuSeconds(cpuSecondsText(micros))).toBe(micros);
    }),
  );
  expect(monthOf(0)).toBe('1970-01');
});
