import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Amounts, NOTHING, plus } from './amounts.ts';
import { type Applicant, type Holder, inUse, judge } from './line.ts';
import type { Place } from './places.ts';
import { refusalText } from './words.ts';

const place = (subject: string, cpu: bigint): Place => ({
  id: `q ${subject}`,
  quota: 'streamspace/q',
  scope: 'Person',
  ofTeam: false,
  subject,
  hard: { cpu: cpu * 1_000n },
});
const need = (cpu: bigint): Amounts => ({ ...NOTHING, cpu: cpu * 1_000n });
const applicant = (key: string, cpu: bigint, ...places: readonly Place[]): Applicant => ({
  ...{ key, owner: key, createdAt: key, rank: 1, waitsMs: 0 },
  need: need(cpu),
  places,
});
const holder = (key: string, cpu: bigint, ...places: readonly Place[]): Holder => ({
  ...{ key, owner: key, amounts: need(cpu), places },
});

test('a small one does not pass a large one that waits in the same place, and does where that one is not short', () => {
  const all = { ...place('', 8n), scope: 'Platform' as const };
  const anna = place('anna', 2n);
  const used = () => inUse([holder('t/a', 6n, all), holder('t/b', 1n, anna)]);
  const large = applicant('t/1', 4n, all);
  expect(judge(used(), [large], applicant('t/2', 1n, all))).toMatchObject({ admitted: false, why: 'behind', ahead: 't/1' });
  expect(judge(used(), [large], applicant('t/2', 1n, anna))).toEqual({ admitted: true });
  expect(judge(used(), [], applicant('t/2', 1n, all))).toEqual({ admitted: true });
});

test('one that could never fit holds nobody up', () => {
  const all = place('anna', 8n);
  const giant = applicant('t/1', 9n, all);
  expect(judge(inUse([]), [giant], applicant('t/2', 8n, all))).toEqual({ admitted: true });
  const verdict = judge(inUse([]), [], giant);
  expect(verdict).toMatchObject({ why: 'short', never: true });
});

test('whoever was created earlier comes first, also when he is asked about later', () => {
  const all = place('anna', 1n);
  const [first, second] = [applicant('t/1', 1n, all), applicant('t/2', 1n, all)];
  expect(judge(inUse([]), [first], second)).toMatchObject({ admitted: false, why: 'short' });
  expect(judge(inUse([]), [second], first)).toEqual({ admitted: true });
});

test('P-04-5 the message says what is missing, and names only sessions of the same team', () => {
  const anna = place('anna', 8n);
  const holders = [holder('team-web/demo-1', 4n, anna), holder('team-ops/secret', 3n, anna)];
  const verdict = judge(inUse(holders), [], applicant('team-web/new', 2n, anna));
  if (verdict.admitted) expect.unreachable('there is no room');
  else
    expect(refusalText(verdict, { key: 'team-web/new', namespace: 'team-web', nowMs: 0 }, holders)).toBe(
      '7 of 8 cpu of anna in use, needs 2 (Quota streamspace/q); there is room when some of demo-1 and 1 more are stopped',
    );
});

test('P-04-5 where policies end sessions, the message says when there is room: when the last that it takes has stopped', () => {
  const anna = place('anna', 8n);
  const at = (hour: number) => ({ action: 'Hibernate', at: `2026-03-02T${hour}:05:30Z`, reason: 'MaxDuration' }) as const;
  const holders: readonly Holder[] = [
    { ...holder('team-web/demo-1', 5n, anna) },
    { ...holder('team-web/demo-2', 1n, anna), ends: at(14) },
    { ...holder('team-web/demo-3', 1n, anna), ends: at(15) },
    { ...holder('team-ops/other', 1n, anna), ends: { ...at(16), reason: 'Idle' } },
  ];
  const words = (cpu: bigint): string => {
    const verdict = judge(inUse(holders), [], applicant('team-web/new', cpu, anna));
    if (verdict.admitted) return 'admitted';
    return refusalText(verdict, { key: 'team-web/new', namespace: 'team-web', nowMs: 0 }, holders);
  };
  expect(words(1n)).toBe(
    '8 of 8 cpu of anna in use, needs 1 (Quota streamspace/q); free at 2026-03-02 14:05 UTC when demo-2 stops',
  );
  expect(words(2n)).toMatch(/; free at 2026-03-02 15:05 UTC when demo-3 stops$/);
  expect(words(3n)).toMatch(/; free at 2026-03-02 16:05 UTC when another session stops, unless somebody uses it$/);
  expect(words(4n)).toMatch(/; there is room when some of demo-1, demo-2, demo-3 and 1 more are stopped$/);
});

test('whatever is admitted in whatever order, no place ever has more than its limit', () => {
  const places = [place('a', 5n), place('b', 3n), place('c', 9n)];
  const one = fc.record({ cpu: fc.bigInt(0n, 6n), in: fc.subarray(places, { minLength: 1 }) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (wishes, picks) => {
      const waiting = wishes.map((wish, index) => applicant(`t/${String(index).padStart(2, '0')}`, wish.cpu, ...wish.in));
      const holders: Holder[] = [];
      for (let tries = 0; tries < 60 && waiting.length > 0; tries += 1) {
        const index = (picks.next().value ?? 0) % waiting.length;
        const next = waiting[index];
        if (next === undefined || !judge(inUse(holders), waiting, next).admitted) continue;
        holders.push({ key: next.key, owner: next.owner, amounts: next.need, places: next.places });
        waiting.splice(index, 1);
      }
      for (const each of places) {
        const used = holders.filter((one) => one.places.includes(each)).reduce((sum, { amounts }) => plus(sum, amounts), NOTHING);
        expect(used.cpu <= (each.hard.cpu ?? 0n)).toBe(true);
      }
      // The eldest of those that fit by themselves is never refused for the sake of a younger one.
      const [eldest] = waiting.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
      const alone = eldest === undefined ? undefined : judge(inUse(holders), [], eldest);
      if (eldest !== undefined) expect(judge(inUse(holders), waiting, eldest)).toEqual(alone);
    }),
  );
});
