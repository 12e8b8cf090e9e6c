// Health rules in CEL: what they decide, what is wrong with them, and that none of them holds up the controller.
import { expect, test } from 'vitest';
import type { HealthRule } from '../../schemas/kinds/git-sync/health-rule.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import { HealthExpressions } from './expressions.ts';
import { healthOf } from './health.ts';

const database = (status: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'db', ...metadata },
  status,
});
const rule = (extra: Partial<HealthRule> = {}): HealthRule => ({
  kind: 'example.com/Database',
  healthy: 'self.status.phase == "Up"',
  ...extra,
});
const judge = (rules: readonly HealthRule[], object: JsonObject) => new HealthExpressions(rules).judge(object);

test.each<[string, Partial<HealthRule>, JsonObject, string]>([
  ['healthy', {}, { phase: 'Up' }, 'Current'],
  ['not healthy', {}, { phase: 'Starting' }, 'InProgress'],
  ['failed, which is asked first', { failed: 'self.status.restarts > 3' }, { phase: 'Up', restarts: 4 }, 'Failed'],
  [
    'on its way, which is asked before healthy',
    { progressing: 'self.status.moving' },
    { phase: 'Up', moving: true },
    'InProgress',
  ],
  ['a field that is not there yet', { failed: 'self.status.error != ""' }, { phase: 'Up' }, 'InProgress'],
  ['whole numbers are ints', { healthy: 'self.status.ready * 2 == 4' }, { ready: 2 }, 'Current'],
  ['a list', { healthy: 'self.status.parts.all(p, p.up)' }, { parts: [{ up: true }, { up: false }] }, 'InProgress'],
  ['another type than the rule wants', { healthy: 'self.status.phase > 3' }, { phase: 'Up' }, 'Unknown'],
  ['no true or false', { healthy: 'self.status.phase' }, { phase: 'Up' }, 'Unknown'],
])('%s', (_what, extra, status, state) => {
  expect(judge([rule(extra)], database(status))?.state).toBe(state);
});

test('the message is the rule’s own, and one that cannot be told decides nothing', () => {
  const told = rule({ message: '"phase " + self.status.phase' });
  expect(judge([told], database({ phase: 'Starting' }))).toEqual({ state: 'InProgress', message: 'phase Starting' });
  const broken = rule({ message: '"for " + self.status.reason' });
  expect(judge([broken], database({ phase: 'Starting' }))).toMatchObject({
    state: 'InProgress',
    message: expect.stringContaining('No such key: reason'),
  });
});

test.each([
  ['half an expression', 'self.status.phase ==', 'Unexpected token'],
  ['a name that is nobody', 'nobody.status', 'nobody'],
  ['a text', '"Up"', 'not bool'],
  ['types that do not go together', 'self.a + ("x" == 1)', ''],
  ['too deep a one', `${'('.repeat(60)}true${')'.repeat(60)}`, ''],
  ['too long a one', Array(200).fill('self.a').join('&&'), ''],
])('what is no expression, or too large a one, is a problem of its rule: %s', (_what, healthy, words) => {
  const rules = new HealthExpressions([rule({ healthy })]);
  expect(rules.problems).toEqual([expect.stringMatching(/^spec\.health\[0\]\.healthy for example\.com\/Database: ./)]);
  expect(rules.problems[0]).toContain(words);
  expect(rules.judge(database({ phase: 'Up' }))).toEqual({ state: 'Unknown', message: rules.problems[0] });
});

test.each([
  ['loops in loops', 'self.status.l.all(a, self.status.l.all(b, self.status.l.all(c, a + b + c >= 0)))'],
  ['a pattern that backtracks', 'self.status.s.matches("^(a+)+$")'],
])('%s are ended, once for all objects', (_what, healthy) => {
  const rules = new HealthExpressions([rule({ healthy })]);
  const large = database({ l: Array.from({ length: 3000 }, (_, index) => index), s: `${'a'.repeat(40)}!` });
  expect(rules.judge(large)).toMatchObject({ state: 'Unknown', message: expect.stringContaining('longer than') });
  const before = performance.now();
  expect(rules.judge(large)?.state).toBe('Unknown');
  expect(performance.now() - before).toBeLessThan(100);
});

test('a rule stands for the built-in one of its kind alone, the first for a kind counts, and Secrets are never read by one', () => {
  const rules = new HealthExpressions([rule({ healthy: 'true' }), rule({ healthy: 'false' }), rule({ kind: 'Secret' })]);
  expect(rules.judge(database({}))?.state).toBe('Current');
  expect(rules.judge({ apiVersion: 'example.com/v1', kind: 'Other', metadata: { name: 'x' } })).toBeUndefined();
  expect(rules.judge({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } })).toBeUndefined();
  expect(rules.has('', 'Secret')).toBe(false);
  const behind = database({ observedGeneration: 1 }, { generation: 2 });
  expect(healthOf(behind, rules).state).toBe('InProgress');
  expect(healthOf(database({ conditions: [{ type: 'Ready', status: 'False' }] }), rules).state).toBe('Current');
});
