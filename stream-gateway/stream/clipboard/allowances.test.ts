import { expect, test } from 'vitest';
import { Allowances } from './allowances.ts';

test('G-29 who reconnects, or opens a second window, does not get a new allowance; somebody else has his own', () => {
  const allowances = new Allowances(() => 0);
  const first = allowances.lease('uid', 'member');
  expect(first.allowance.up.take(1, 0)).toBe(true);
  using second = allowances.lease('uid', 'member');
  expect(second.allowance.up.take(1, 0)).toBe(false);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  using again = allowances.lease('uid', 'member');
  expect(again.allowance.up.take(1, 0)).toBe(false);
  using other = allowances.lease('uid', 'lead');
  using elsewhere = allowances.lease('other-uid', 'member');
  expect([other.allowance.up.take(1, 0), elsewhere.allowance.up.take(1, 0)]).toEqual([true, true]);
});

test('an allowance is forgotten ten minutes after its last stream, not while there is one', () => {
  let now = 0;
  const allowances = new Allowances(() => now);
  using _open = allowances.lease('uid', 'stays');
  allowances.lease('uid', 'goes')[Symbol.dispose]();
  now = 599_999;
  allowances.lease('uid', 'other')[Symbol.dispose]();
  expect(allowances.size).toBe(3);
  now = 600_000;
  allowances.lease('uid', 'other')[Symbol.dispose]();
  expect(allowances.size).toBe(2);
});
