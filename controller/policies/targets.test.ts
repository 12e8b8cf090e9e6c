import { describe, expect, test } from 'vitest';
import type { PolicyTargets } from '../../schemas/kinds/policies/policy.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../schemas/kinds/template.ts';
import { templateSpec } from '../../schemas/kinds/template.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { policy } from './fixtures.ts';
import { TargetExpressions } from './target-expressions.ts';
import { appliesTo, type Scene } from './targets.ts';

const session: Session = {
  apiVersion: API_GROUP_VERSION,
  kind: 'Session',
  metadata: { name: 'one', namespace: 'team-web', labels: { tier: 'secret' } },
  spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
  status: { phase: 'Running' },
};
const template = (namespace: string, name: string, tags: string[] = []): Template => ({
  apiVersion: API_GROUP_VERSION,
  kind: 'Template',
  metadata: { namespace, name },
  spec: templateSpec.parse({ displayName: name, image: 'x', tags }),
});
const terminal = template('streamspace', 'terminal', ['shell']);
const SCENE: Scene = {
  session,
  team: 'web',
  templates: [terminal],
  templateNames: [{ namespace: 'streamspace', name: 'terminal' }],
};

const applies = (
  name: string,
  targets: PolicyTargets,
  scene: Partial<Scene> = {},
  expressions = new TargetExpressions(),
): boolean => appliesTo(policy(name, {}, targets), { ...SCENE, ...scene }, expressions);

test('a policy of the system namespace is for all, any other for the sessions beside it', () => {
  expect(applies('streamspace/p', {})).toBe(true);
  expect(applies('team-web/p', {})).toBe(true);
  expect(applies('team-other/p', {})).toBe(false);
  expect(applies('team-other/p', { teams: ['web'], templates: ['terminal'], cel: 'true' })).toBe(false);
});

test('all that is given has to fit', () => {
  const fit: PolicyTargets = { teams: ['other', 'web'], templates: ['terminal'], cel: 'team == "web"' };
  expect(applies('streamspace/p', fit)).toBe(true);
  expect(applies('streamspace/p', { ...fit, teams: ['other'] })).toBe(false);
  expect(applies('streamspace/p', { ...fit, templates: ['firefox'] })).toBe(false);
  expect(applies('streamspace/p', { ...fit, cel: 'team == "other"' })).toBe(false);
  expect(applies('streamspace/p', { teams: [] })).toBe(false);
  expect(applies('streamspace/p', { templates: [] })).toBe(false);
});

describe('templates', () => {
  test.each([
    ['terminal', true],
    ['streamspace/terminal', true],
    ['team-web/terminal', false],
    ['term', false],
  ])('%s', (wanted, expected) => {
    expect(applies('streamspace/p', { templates: [wanted] })).toBe(expected);
  });

  test('a desktop that was started with one template and would start with another is judged by both', () => {
    const old = template('team-web', 'terminal', ['old']);
    const scene = {
      templates: [terminal, old],
      templateNames: [...SCENE.templateNames, { namespace: 'team-web', name: 'terminal' }],
    };
    expect(applies('streamspace/p', { templates: ['team-web/terminal'] }, scene)).toBe(true);
    expect(applies('streamspace/p', { cel: '"old" in template.spec.tags' }, scene)).toBe(true);
    expect(applies('streamspace/p', { cel: '"older" in template.spec.tags' }, scene)).toBe(false);
  });
});

describe('expressions', () => {
  test.each([
    ['session.spec.owner == "member"', true],
    ['session.spec.owner == "other"', false],
    ['session.metadata.labels.tier == "public"', false],
    ['template.spec.tags.exists(tag, tag == "shell") && template.spec.desktop.port == 5900', true],
    ['template.metadata.namespace == "streamspace"', true],
    ['team == "web"', true],
    ['has(session.metadata.labels.room)', false],
    ['has(session.status)', false],
  ])('%s is %s', (cel, expected) => {
    expect(applies('streamspace/p', { cel })).toBe(expected);
    expect(new TargetExpressions().problem(cel)).toBeUndefined();
  });

  test.each([
    ['a label that is not there', 'session.metadata.labels.room == "vault"'],
    ['no true or false', 'session.spec.owner'],
    ['half an expression', 'team =='],
    ['a name that is nobody', 'self.spec.owner == "member"'],
    ['a pattern that cannot be read', 'session.spec.owner.matches("(")'],
    ['types that do not go together', 'session.spec.owner > 3'],
  ])('one that does not say no applies: %s', (_what, cel) => {
    expect(applies('streamspace/p', { cel })).toBe(true);
  });

  test('without a template or a team it cannot be told, so it applies', () => {
    expect(applies('streamspace/p', { cel: '"x" in template.spec.tags' }, { templates: [] })).toBe(true);
    expect(applies('streamspace/p', { cel: 'session.spec.owner == "other"' }, { templates: [] })).toBe(false);
    expect(applies('streamspace/p', { cel: 'team == "other"' }, { team: undefined })).toBe(true);
    expect(applies('streamspace/p', { teams: ['other'] }, { team: undefined })).toBe(true);
  });

  const LIST = `[${Array.from({ length: 60 }, (_, index) => index).join(',')}]`;
  test.each([
    ['loops in loops', `${LIST}.all(a, ${LIST}.all(b, ${LIST}.all(c, ${LIST}.all(d, a + b + c + d < 1000))))`],
    ['a pattern that backtracks', `"${'a'.repeat(40)}!".matches("^(a+)+$")`],
  ])('one that takes too long applies, is told, and is not tried for the next session: %s', (_what, cel) => {
    const expressions = new TargetExpressions();
    const ms = (): number => {
      const before = performance.now();
      expect(applies('streamspace/p', { cel }, {}, expressions)).toBe(true);
      return performance.now() - before;
    };
    const first = ms();
    expect(expressions.problem(cel)).toContain('takes longer than 0.02 s');
    expect(ms()).toBeLessThan(first / 2);
  });

  test('what it cannot be is told at once', () => {
    const expressions = new TargetExpressions();
    expect(expressions.problem('team ==')).toContain('Unexpected');
    expect(expressions.problem('"team"')).toBe('it gives string, not bool');
    expect(expressions.problem('nobody == 1')).toContain('nobody');
  });
});
