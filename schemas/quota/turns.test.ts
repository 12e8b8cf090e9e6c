import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Amounts, NOTHING } from './amounts.ts';
import type { CountedSession } from './held.ts';
import { type Applicant, type Holder, inUse, judge } from './line.ts';
import type { Place } from './places.ts';
import { inTurn, runningBy, STEP_MS, type Waiting, waitingSince } from './turns.ts';

const wait = (key: string, owner: string, more: Partial<Waiting> = {}): Waiting => ({
  ...{ key, owner, createdAt: key, rank: 1, waitsMs: 0 },
  ...more,
});
const order = (waiting: readonly Waiting[], running: Readonly<Record<string, number>> = {}): readonly string[] =>
  inTurn(waiting, new Map(Object.entries(running))).map(({ key }) => key);

test('people take turns: who has the fewest desktops comes first, then who was created first', () => {
  const all = [wait('1', 'anna'), wait('2', 'anna'), wait('3', 'anna'), wait('4', 'bert'), wait('5', 'carl')];
  expect(order(all)).toEqual(['1', '4', '5', '2', '3']);
  expect(order(all, { bert: 2 })).toEqual(['1', '5', '2', '3', '4']);
});

test('a higher priority is a head start of ten minutes a step, and no more', () => {
  const high = wait('9', 'anna', { rank: 2 });
  expect(order([wait('1', 'bert'), high])).toEqual(['9', '1']);
  expect(order([wait('1', 'bert', { waitsMs: STEP_MS }), high], { anna: 1 })).toEqual(['1', '9']);
  expect(order([wait('1', 'bert', { rank: 0, waitsMs: 2 * STEP_MS - 1 }), high])).toEqual(['9', '1']);
});

test('who is resumed waits since he was told so, and a new session since it was created', () => {
  const session = (status: CountedSession['status']): CountedSession => ({
    metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { owner: 'anna', template: 't', desiredState: 'Running' },
    ...(status === undefined ? {} : { status }),
  });
  const told = { type: 'Admitted', status: 'False', reason: 'QuotaExceeded', message: '' } as const;
  const now = Date.parse('2026-06-01T00:00:00Z');
  const conditions = [{ ...told, lastTransitionTime: '2026-05-31T23:59:00Z' }];
  expect(waitingSince(session({ conditions }), true, now)).toBe(now - 60_000);
  expect(waitingSince(session({}), true, now)).toBe(now);
  expect(waitingSince(session({ conditions }), false, now)).toBe(Date.parse('2026-01-01T00:00:00Z'));
});

const ALL: Place = {
  ...{ id: 'q', quota: 'streamspace/q', scope: 'Platform', ofTeam: false, subject: '' },
  hard: { sessionsRunning: 4_000n },
};
const ONE: Amounts = { ...NOTHING, sessionsRunning: 1_000n };
const applicants = fc
  .array(fc.record({ owner: fc.constantFrom('anna', 'bert', 'carl'), rank: fc.nat(2), waitsMs: fc.nat(4 * STEP_MS) }), {
    maxLength: 9,
  })
  .map((wishes) =>
    wishes.map((wish, index): Applicant => ({ ...wish, key: `t/${index}`, createdAt: `${index}`, need: ONE, places: [ALL] })),
  );

function admit(waiting: readonly Applicant[], picks: readonly number[]): readonly string[] {
  const left = [...waiting];
  const holders: Holder[] = [];
  for (let tries = 0; left.length > 0 && tries < picks.length; tries += 1) {
    const [next] = left.splice((picks[tries] ?? 0) % left.length, 1);
    if (next === undefined) break;
    if (judge(inUse(holders), left, next, runningBy(holders)).admitted)
      holders.push({ key: next.key, owner: next.owner, amounts: next.need, places: next.places });
    else left.push(next);
  }
  return holders.map(({ key }) => key).toSorted();
}

test('whoever asks first: the same ones are admitted, as many as there is room for and no more', () => {
  const picks = fc.array(fc.nat(), { minLength: 400, maxLength: 400 });
  fc.assert(
    fc.property(applicants, picks, picks, (waiting, first, second) => {
      const admitted = admit(waiting, first);
      expect(admitted).toHaveLength(Math.min(4, waiting.length));
      expect(admit(waiting, second)).toEqual(admitted);
    }),
    { numRuns: 60 },
  );
});

test('nobody starves: who waits is passed for so long as the steps between the priorities, whoever comes meanwhile', () => {
  const newcomer = fc.record({ owner: fc.string(), rank: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(newcomer, { maxLength: 30 }), fc.nat(50), (newcomers, desktops) => {
      const elder = wait('elder', 'anna', { rank: 0, waitsMs: 3 * STEP_MS });
      const others = newcomers.map((each, index) => wait(`n${index}`, each.owner, { rank: each.rank, createdAt: `z${index}` }));
      expect(order([...others, elder], { anna: desktops })[0]).toBe('elder');
    }),
  );
});
