import { expect, test } from 'vitest';
import { withDefaults, withoutDefaults } from './defaults.ts';
import { sessionPolicySpec } from './policies/session-policy.ts';
import { quotaSpec } from './quota.ts';

test('what would be filled in is left out, at every depth, and the order is that of the schema', () => {
  const written = {
    scope: 'Team',
    limits: { sessionsRunning: 5 },
    overrides: [{ subject: { team: 'web' }, reason: 'a course' }],
  };
  const stored = withDefaults(quotaSpec, written);
  expect(stored).toMatchObject({ warnAt: [80, 95] });
  const shuffled = Object.fromEntries(Object.entries(stored as object).toReversed());
  expect(withoutDefaults(quotaSpec, shuffled)).toEqual(written);
  expect(Object.keys(withoutDefaults(quotaSpec, shuffled) as object)).toEqual(['scope', 'limits', 'overrides']);
  const idle = { idle: { afterSeconds: 600 } };
  const filled = withDefaults(sessionPolicySpec, idle);
  expect(withoutDefaults(sessionPolicySpec, filled)).toEqual(withoutDefaults(sessionPolicySpec, idle));
  expect(withDefaults(sessionPolicySpec, withoutDefaults(sessionPolicySpec, filled))).toEqual(filled);
});

test('what says something else than the default stays, and what does not fit is given as it is', () => {
  const own = { scope: 'Person', limits: {}, warnAt: [50] };
  expect(withoutDefaults(quotaSpec, own)).toEqual(own);
  expect(withoutDefaults(quotaSpec, { scope: 'Nobody' })).toEqual({ scope: 'Nobody' });
  expect(withDefaults(quotaSpec, { scope: 'Nobody' })).toEqual({ scope: 'Nobody' });
});
