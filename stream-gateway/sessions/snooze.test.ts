import { expect, test } from 'vitest';
import type { SessionStatus } from '../../schemas/kinds/sessions/session.ts';
import { nextSnooze } from './snooze.ts';

const NOW = new Date('2026-03-02T09:10:00Z');
const policy = (max: number): SessionStatus['effectivePolicy'] => ({
  ...{ hash: '', policies: [], origins: [] },
  dlp: { clipboard: { up: true, down: true } } as NonNullable<SessionStatus['effectivePolicy']>['dlp'],
  lifetime: { idle: { afterSeconds: 600, action: 'Hibernate', warnSeconds: 60, snoozes: { max, seconds: 300 } } },
});
const session = (status: SessionStatus) => ({ metadata: { name: 'one', namespace: 'team-web' }, status });
const warned: SessionStatus['lifetime'] = { warned: [{ reason: 'Idle', since: '2026-03-02T09:09:30Z' }] };

test('P-22-2 a snooze is given as often as the policy says, and again after input', () => {
  const first = nextSnooze(session({ effectivePolicy: policy(1), lifetime: warned }), NOW);
  expect(first).toMatchObject({ until: '2026-03-02T09:15:00.000Z', snoozes: 1, left: 0 });
  const activity = { snoozedAt: '2026-03-02T09:05:00Z', snoozes: 1 };
  expect(() => nextSnooze(session({ effectivePolicy: policy(1), lifetime: warned, activity }), NOW)).toThrow(/put off 1 times/);
  const typed = { ...activity, inputAt: '2026-03-02T09:06:00Z' };
  expect(nextSnooze(session({ effectivePolicy: policy(1), lifetime: warned, activity: typed }), NOW).snoozes).toBe(1);
});

test('without a policy that allows it, and without a warning, there is none', () => {
  expect(() => nextSnooze(session({ effectivePolicy: policy(0), lifetime: warned }), NOW)).toThrow(/allows no snooze/);
  expect(() => nextSnooze(session({ lifetime: warned }), NOW)).toThrow(/allows no snooze/);
  expect(() => nextSnooze(session({ effectivePolicy: policy(3) }), NOW)).toThrow(/nobody is warned/);
});
