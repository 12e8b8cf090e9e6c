import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseProcess, isHome, keyOfUrl } from './rendezvous.ts';

const key = fc.string({ minLength: 1, maxLength: 40 });
const processes = fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 12 });

test('a process that is gone moves its own sessions and no others, and they come back with it', () => {
  fc.assert(
    fc.property(key, processes, fc.nat(63), (session, others, one) => {
      const without = others.filter((each) => each !== one);
      const before = chooseProcess(session, [...without, one]);
      const after = chooseProcess(session, without);
      expect(before === one || before === after).toBe(true);
    }),
  );
});

test('the order in which processes are named changes nothing', () => {
  fc.assert(
    fc.property(key, processes, (session, all) => {
      expect(chooseProcess(session, all.toReversed())).toBe(chooseProcess(session, all));
      expect(all).toContain(chooseProcess(session, all));
    }),
  );
});

test('of no processes none is chosen', () => {
  expect(chooseProcess('team-web/one', [])).toBeUndefined();
});

test('sessions are spread evenly', () => {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4_000; index += 1) {
    const chosen = chooseProcess(`team-web/session-${index}`, [0, 1, 2, 3]) ?? 0;
    counts[chosen] = (counts[chosen] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150); // five standard deviations
});

test('every session has exactly one home, the one that it is given to while all live', () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 8 }), (session, count) => {
      const homes = [...Array(count).keys()].filter((process) => isHome(session, process, count));
      expect(homes).toEqual([chooseProcess(session, [...Array(count).keys()])]);
    }),
  );
});

test.each([
  ['/api/v1/namespaces/team-web/sessions/one/stream', 'team-web/one'],
  ['/api/v1/namespaces/team-web/sessions/one/console?columns=80', 'team-web/one'],
  ['/api/v1/namespaces/team-web/sessions/one', '/api/v1/namespaces/team-web/sessions/one'],
  ['/elsewhere', '/elsewhere'],
  [`/${'x'.repeat(10_000)}`, `/${'x'.repeat(255)}`],
])('whatever is of one session goes the same way: %s', (url, expected) => {
  expect(keyOfUrl(url)).toBe(expected);
});
