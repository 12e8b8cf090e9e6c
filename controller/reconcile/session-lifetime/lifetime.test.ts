import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MergedLifetime } from '../../../schemas/kinds/policies/lifetime-rules.ts';
import type { SessionLifetime } from '../../../schemas/kinds/policies/session-lifetime.ts';
import type { Facts } from './facts.ts';
import { type LifetimeVerdict, lifetime } from './lifetime.ts';

const T = Date.parse('2026-03-02T09:00:00Z'); // a Monday
const S = 1_000;
const IDLE: MergedLifetime = {
  idle: { afterSeconds: 600, action: 'Hibernate', warnSeconds: 60, snoozes: { max: 2, seconds: 300 } },
};
type Before = Pick<SessionLifetime, 'warned' | 'unknownSince'>;

function writtenOf({ warnings, unknownSince }: LifetimeVerdict): Before {
  const warned = warnings.map(({ reason, since }) => ({ reason, since: new Date(since).toISOString() }));
  return { warned, ...(unknownSince === undefined ? {} : { unknownSince: new Date(unknownSince).toISOString() }) };
}

/** A controller that looks when it wanted to, as often as it wants, until the session ends or `until` has come. */
function endOf(factsAt: (now: number) => Facts, policy: MergedLifetime, from: number, until: number): number | undefined {
  let before: Before = {};
  let now = from;
  for (let looks = 0; now <= until && looks < 5_000; looks += 1) {
    const verdict = lifetime(factsAt(now), policy, before, now);
    if (verdict.due) return now;
    before = writtenOf(verdict);
    if (verdict.lookAgainAt === undefined) return undefined;
    now = Math.min(verdict.lookAgainAt, now + 20 * S);
  }
  return undefined;
}

const awake = (more: Partial<Facts> = {}): Facts => ({ state: 'Awake', startedAt: T, runningSince: T, ...more });

describe('a session in which nobody types', () => {
  test('P-22-1 ends by its last input alone: streams that are open, and open again, keep nobody', () => {
    const looked = endOf((now) => awake({ watchedUntil: now + 60 * S }), IDLE, T, T + 3600 * S);
    expect(looked).toBe(T + 600 * S);
    const typed = endOf(
      (now) => awake({ watchedUntil: now + 60 * S, inputAt: Math.min(now, T + 1000 * S) }),
      IDLE,
      T,
      T + 7200 * S,
    );
    expect(typed).toBe(T + 1600 * S);
  });

  test('is warned of before, and any input ends the warning', () => {
    const warned = lifetime(awake(), IDLE, {}, T + 541 * S);
    expect(warned).toMatchObject({ due: false, warnings: [{ reason: 'Idle', since: T + 541 * S }] });
    expect(warned.next).toMatchObject({ reason: 'Idle', action: 'Hibernate', at: T + 601 * S });
    const typed = lifetime(awake({ inputAt: T + 550 * S }), IDLE, writtenOf(warned), T + 551 * S);
    expect(typed).toMatchObject({ due: false, warnings: [], next: { at: T + 1150 * S } });
  });

  test('P-22-2 a snooze moves the end by what the policy gives, and the next input makes an end of it', () => {
    const snoozed = lifetime(awake({ snoozedAt: T + 590 * S }), IDLE, {}, T + 595 * S);
    expect(snoozed).toMatchObject({ snoozedUntil: T + 890 * S, warnings: [], next: { at: T + 890 * S } });
    const typed = lifetime(awake({ snoozedAt: T + 590 * S, inputAt: T + 600 * S }), IDLE, {}, T + 601 * S);
    expect(typed).toMatchObject({ snoozedUntil: undefined, next: { at: T + 1200 * S } });
  });

  test('with the action None nothing is done', () => {
    const none: MergedLifetime = { idle: { ...(IDLE.idle ?? expect.unreachable()), action: 'None' } };
    expect(endOf(() => awake(), none, T, T + 86_400 * S)).toBeUndefined();
  });
});

describe('whatever happens to clocks and processes', () => {
  const policies = fc.record(
    {
      idle: fc.record({
        afterSeconds: fc.integer({ min: 10, max: 7200 }),
        action: fc.constantFrom('Hibernate' as const, 'Terminate' as const),
        warnSeconds: fc.integer({ min: 5, max: 600 }),
        snoozes: fc.constant({ max: 1, seconds: 300 }),
      }),
      maxDuration: fc.record({
        seconds: fc.integer({ min: 10, max: 90_000 }),
        action: fc.constantFrom('Hibernate' as const, 'Terminate' as const),
        warnSeconds: fc.integer({ min: 5, max: 600 }),
      }),
    },
    { requiredKeys: [] },
  );
  const time = fc.option(fc.integer({ min: T - 90_000 * S, max: T + 90_000 * S }), { nil: undefined });
  const anyFacts: fc.Arbitrary<Facts> = fc.record({
    state: fc.constantFrom('Awake' as const, 'Asleep' as const, 'Other' as const),
    ...{ startedAt: time, runningSince: time, hibernatedAt: time, inputAt: time },
    ...{ watchedUntil: time, knownSince: time, snoozedAt: time },
  });

  test('nothing ends that was not warned of for as long as its policy says, by a warning that was written', () => {
    fc.assert(
      fc.property(
        anyFacts,
        policies,
        time,
        time,
        fc.integer({ min: T - 90_000 * S, max: T + 90_000 * S }),
        (facts, policy, idle, long, now) => {
          const warned: NonNullable<Before['warned']> = [
            ...(idle === undefined ? [] : [{ reason: 'Idle' as const, since: new Date(idle).toISOString() }]),
            ...(long === undefined ? [] : [{ reason: 'MaxDuration' as const, since: new Date(long).toISOString() }]),
          ];
          const { due, next, lookAgainAt } = lifetime(facts, policy, { warned }, now);
          if (lookAgainAt !== undefined) expect(lookAgainAt).toBeGreaterThan(now);
          if (!due) return;
          const since = Date.parse(warned.find(({ reason }) => reason === next?.reason)?.since ?? '');
          const warnSeconds = next?.reason === 'Idle' ? policy.idle?.warnSeconds : policy.maxDuration?.warnSeconds;
          expect(now - since).toBeGreaterThanOrEqual((warnSeconds ?? Number.POSITIVE_INFINITY) * S);
        },
      ),
    );
  });

  test('a second look with what the first has written says the same: there is nothing to write again', () => {
    fc.assert(
      fc.property(anyFacts, policies, fc.integer({ min: T, max: T + 90_000 * S }), (facts, policy, now) => {
        const first = lifetime(facts, policy, {}, now);
        const second = lifetime(facts, policy, writtenOf(first), now);
        expect(writtenOf(second)).toEqual(writtenOf(first));
        expect(second.next?.at).toBe(first.next?.at);
      }),
    );
  });

  test('a person who types is never idle, though clocks jump, or the gateway is silent for the better part of an hour', () => {
    // Between two of them the gateway writes once: of a clock that is set twice within half a minute, forward by an hour and then by the time
    // of the warning, nothing is promised.
    const jumps = fc.array(
      fc.record({ after: fc.integer({ min: 40, max: 900 }), by: fc.integer({ min: -86_400, max: 86_400 }) }),
      { maxLength: 6 },
    );
    const trouble = fc.oneof(
      fc.record({ all: jumps, silentFrom: fc.constant(Number.POSITIVE_INFINITY) }),
      fc.record({ all: fc.constant([]), silentFrom: fc.integer({ min: 10, max: 3_000 }) }),
    );
    fc.assert(
      fc.property(trouble, ({ all, silentFrom }) => {
        // Real time runs on; the clock is what it shows. The gateway writes every 30 s by the same clock, but for 50 minutes.
        let before: Before = {};
        let shift = 0;
        let facts = awake();
        const pending = [...all];
        let untilJump = pending[0]?.after ?? Number.POSITIVE_INFINITY;
        for (let real = 0; real < 7_200; real += 10) {
          untilJump -= 10;
          if (untilJump <= 0) {
            shift += pending.shift()?.by ?? 0;
            untilJump = pending[0]?.after ?? Number.POSITIVE_INFINITY;
          }
          const now = T + (real + shift) * S;
          const silent = real >= silentFrom && real < silentFrom + 3_000;
          // The controller looks first: it is quicker than whoever sets the clock right.
          const verdict = lifetime(facts, IDLE, before, now);
          expect(verdict.due).toBe(false);
          before = writtenOf(verdict);
          if (!silent && real % 30 === 0) facts = awake({ inputAt: now, watchedUntil: now + 75 * S });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('input that may have gone unseen counts for an hour, and not for ever', () => {
    const ended = endOf(() => awake({ inputAt: T, watchedUntil: T + 75 * S }), IDLE, T, T + 20_000 * S);
    expect(ended).toBeGreaterThanOrEqual(T + (75 + 3600 + 600) * S);
    expect(ended).toBeLessThan(T + (75 + 3600 + 700) * S);
  });
});

describe('hours, durations and sleep', () => {
  const office: MergedLifetime = {
    schedules: [
      {
        timeZone: 'Europe/Berlin',
        hours: [{ days: ['Mon', 'Tue'], from: '08:00', to: '18:00' }],
        outside: 'Hibernate',
        warnSeconds: 300,
      },
    ],
  };
  test('a session ends when the clock of the zone leaves the hours, and one that is started outside of them after a warning', () => {
    expect(endOf(() => awake(), office, T, T + 86_400 * S)).toBe(Date.parse('2026-03-02T17:00:00Z'));
    const night = Date.parse('2026-03-02T20:00:00Z');
    expect(endOf(() => awake({ startedAt: night }), office, night, night + 3600 * S)).toBe(night + 300 * S);
  });

  test('of several ends the first counts', () => {
    const both: MergedLifetime = { ...office, maxDuration: { seconds: 3600, action: 'Terminate', warnSeconds: 60 } };
    expect(lifetime(awake(), both, {}, T).next).toMatchObject({ reason: 'MaxDuration', action: 'Terminate', at: T + 3600 * S });
  });

  test('one that sleeps is dormant, is warned of, and ends for good; one that is resumed is not touched', () => {
    const policy: MergedLifetime = { dormancy: { afterDays: 10, deleteAfterDays: 30, warnDays: 7 } };
    const asleep: Facts = { state: 'Asleep', hibernatedAt: T };
    const day = 86_400 * S;
    expect(lifetime(asleep, policy, {}, T + 11 * day)).toMatchObject({ dormant: true, due: false, warnings: [] });
    const warned = lifetime(asleep, policy, {}, T + 40 * day);
    expect(warned.next).toMatchObject({ reason: 'Dormancy', action: 'Terminate', at: T + 47 * day });
    expect(lifetime(asleep, policy, writtenOf(warned), T + 47 * day).due).toBe(true);
    expect(lifetime(awake(), policy, writtenOf(warned), T + 47 * day).next).toBeUndefined();
  });
});
