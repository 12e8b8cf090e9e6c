import { expect, test } from 'vitest';
import type { Quota, QuotaStatus } from '../../../schemas/kinds/quota.ts';
import type { Change, FieldDifference } from '../../plan/plan.ts';
import { objectId } from '../../render/manifest.ts';
import type { Identified } from '../../validate/validate.ts';
import { changedQuotas, quotaEffects } from './quota-effects.ts';

function told(status: QuotaStatus, differences: readonly FieldDifference[], kind = 'Quota'): readonly string[] {
  const id = objectId({ group: 'streamspace.io', kind, namespace: 'team-web', name: 'web' });
  const change: Change = { action: 'configure', id, uid: 'u', conflicts: [], wanted: {} as Identified, differences };
  const changed = changedQuotas([change, { action: 'delete', id, uid: 'u' }].slice(0, 1) as Change[]);
  const quota = { status } as Quota;
  return quotaEffects(changed, new Map([['team-web/web', quota]]));
}
const running = (before: number | undefined, after: number | undefined): FieldDifference => ({
  ...{ path: 'spec.limits.sessionsRunning', before, after },
});

test('a limit says what is in use, and that nothing new starts above it', () => {
  const used = { sessionsRunning: '12', memory: '3Gi' };
  expect(told({ used }, [running(40, 20)])).toEqual([
    'Quota `team-web/web`: sessionsRunning goes from `40` to `20`; `12` in use',
  ]);
  expect(told({ used }, [running(40, 10)])[0]).toMatch(/`12` in use, which stops nothing, and nothing new starts/);
  expect(told({ used }, [{ path: 'spec.limits.memory', before: '4Gi', after: '2048Mi' }])[0]).toMatch(/`3Gi` in use, which/);
  expect(told({ used }, [running(40, undefined)])[0]).toMatch(/from `40` to no limit; `12` in use$/);
});

test('where each is counted for itself, those are counted who would be above, without names; overrides stay', () => {
  const subject = (name: string, used: string, hard: string) => ({
    ...{ name, percent: 90, used: { sessionsRunning: used }, hard: { sessionsRunning: hard }, available: {} },
  });
  const subjects = [subject('ada', '9', '10'), subject('ben', '9', '20'), subject('eve', '3', '10')];
  expect(told({ subjects }, [running(10, 5)])).toEqual([
    expect.stringMatching(/; 1 of those it counts would be above it, which/),
  ]);
  expect(told({ subjects }, [running(10, 9)])).toEqual([]);
});

test('other fields, other kinds and what is not known say nothing', () => {
  const used = { sessionsRunning: '12' };
  expect(told({ used }, [{ path: 'spec.warnAt', before: [80], after: [90] }])).toEqual([]);
  expect(told({ used }, [running(40, 10)], 'Team')).toEqual([]);
  expect(told({}, [running(40, 10)])).toEqual([]);
});
