import { expect, test } from 'vitest';
import { dueInMs } from './probe-loop.ts';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-20T12:00:00Z');
const found = (state: 'enforced' | 'notEnforced' | 'notKnown', hoursAgo: number) => ({
  ...{ state, reason: '', node: '' },
  checkedAt: new Date(NOW.getTime() - hoursAgo * HOUR_MS).toISOString(),
});

test.for([
  ['there was none', undefined, 0],
  ['one is young: a new leader need not probe again', found('enforced', 2), 4 * HOUR_MS],
  ['one is due', found('notEnforced', 7), 0],
  ['one proved nothing: a new leader may stand elsewhere', found('notKnown', 0.1), 0],
  ['one is of the future, by a clock that was set back', found('enforced', -9), 0],
] as const)('when the next probe is due: %s', ([, before, waitMs]) => {
  expect(dueInMs(before, 6 * HOUR_MS, NOW)).toBe(waitMs);
});
