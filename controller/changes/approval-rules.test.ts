import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalRule } from '../../schemas/kinds/git-sync/git-sync-changes.ts';
import { approvalRule } from '../../schemas/kinds/git-sync/git-sync-changes.ts';
import { approvalsNeeded } from './approval-rules.ts';
import { compilePattern } from './owners/owner-pattern.ts';

const object = (kind: string, name = 'x') => ({ apiVersion: 'v1', kind, name, action: 'Configure' }) as const;
const asks = (requireApprovals: number, approvalRules: ApprovalRule[] = []) => ({ requireApprovals, approvalRules });
const by = (mayApprove: boolean) => ({ requestedBy: { name: 'ada', mayApprove } });
const CHANGED = {
  paths: ['policies/dlp.yaml', 'teams/web.yaml'],
  objects: [object('DlpPolicy'), object('Team', 'web')],
};

test('without rules it is what is asked for of every change, and one where nobody is asked and he may not approve', () => {
  expect(approvalsNeeded(asks(2), by(true), CHANGED)).toEqual({ count: 2, reason: undefined });
  expect(approvalsNeeded(asks(0), by(true), CHANGED).count).toBe(0);
  expect(approvalsNeeded(asks(0), by(false), CHANGED).count).toBe(1);
});

test('the largest number of what counts holds, and which rule says so is told', () => {
  const rules: ApprovalRule[] = [
    { paths: ['policies/**'], approvals: 2 },
    { kinds: ['AccessBinding', 'Team'], approvals: 3 },
    { paths: ['/charts/'], kinds: ['Quota'], approvals: 5 },
  ];
  expect(approvalsNeeded(asks(1, rules), by(false), CHANGED)).toEqual({ count: 3, reason: 'it changes Team web' });
  expect(approvalsNeeded(asks(1, rules.slice(0, 1)), by(false), CHANGED)).toEqual({
    count: 2,
    reason: 'policies/dlp.yaml is among policies/**',
  });
  expect(approvalsNeeded(asks(4, rules), by(false), CHANGED)).toEqual({ count: 4, reason: undefined });
  expect(approvalsNeeded(asks(0, rules), by(true), { ...CHANGED, paths: ['charts/a'], objects: [] }).count).toBe(5);
  expect(approvalsNeeded(asks(0, rules), by(true), { paths: ['x/charts/a'], objects: [object('ConfigMap')] }).count).toBe(0);
});

test('more objects than are listed may be of any kind', () => {
  const objects = Array.from({ length: 64 }, () => object('ConfigMap'));
  const rules: ApprovalRule[] = [{ kinds: ['AccessBinding'], approvals: 2 }];
  expect(approvalsNeeded(asks(1, rules), by(false), { paths: [], objects })).toMatchObject({
    count: 2,
    reason: 'it changes more objects than are listed',
  });
  expect(approvalsNeeded(asks(1, rules), by(false), { paths: [], objects: objects.slice(1) }).count).toBe(1);
  expect(approvalsNeeded(asks(1, [{ paths: ['x'], approvals: 2 }]), by(false), { paths: [], objects }).count).toBe(1);
});

test('what takes too long to match counts', () => {
  const rules: ApprovalRule[] = Array.from({ length: 32 }, () => ({
    paths: Array(32).fill(`${'*a'.repeat(120)}*b`),
    approvals: 2,
  }));
  const files = Array.from({ length: 64 }, () => 'a'.repeat(1000));
  expect(approvalsNeeded(asks(1, rules), by(false), { paths: files }).count).toBe(2);
});

test('one rule more never asks for less, and each that the schema takes is one that matches', () => {
  const word = fc.stringMatching(/^[ab*?!#[\]/\\]{1,8}$/);
  const rule = fc
    .record({ paths: fc.array(word, { minLength: 1, maxLength: 3 }), approvals: fc.integer({ min: 1, max: 10 }) })
    .filter((each) => approvalRule.safeParse(each).success);
  fc.assert(
    fc.property(fc.array(rule), rule, fc.array(fc.stringMatching(/^[ab]{1,2}(\/[ab]{1,2}){0,2}$/)), (rules, more, paths) => {
      const changed = { paths };
      const { count } = approvalsNeeded(asks(1, rules), by(false), changed);
      expect(approvalsNeeded(asks(1, [...rules, more]), by(false), changed).count).toBeGreaterThanOrEqual(count);
      expect(approvalsNeeded(asks(1, [{ paths: ['**'], approvals: 10 }]), by(false), changed).count).toBe(
        paths.length > 0 ? 10 : 1,
      );
      for (const text of more.paths) expect(compilePattern(text)).toBeDefined();
    }),
  );
});
