import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VOCABULARY_RULES } from '../../access-vocabulary.ts';
import { PLATFORM_ROLE_RULES, TEAM_ROLE_RULES } from '../../rights.ts';
import type { AccessRule } from './access-role.ts';
import { beyond, expandRole, type RoleDefinition, rulesAt, sessionVerbs } from './expand-role.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const VERBS = ['get', 'list', 'connect', 'observe', 'control', 'exec'] as const;

/** Each role has one verb of its own, so what it has says where it comes from. */
const ownRule = (name: string): AccessRule => ({
  resources: ['sessions'],
  verbs: [VERBS[([...NAMES] as readonly string[]).indexOf(name)] ?? 'get'],
});
const graph = fc.array(fc.array(fc.constantFrom(...NAMES), { maxLength: 4 }), {
  minLength: NAMES.length,
  maxLength: NAMES.length,
});

function rolesOf(edges: readonly (readonly string[])[]): ReadonlyMap<string, RoleDefinition> {
  return new Map(NAMES.map((name, index) => [name, { rules: [ownRule(name)], inherits: edges[index] ?? [] }] as const));
}

/** By squaring the relation until nothing is added: nothing of how the code walks. */
function reachableFrom(name: string, roles: ReadonlyMap<string, RoleDefinition>): ReadonlySet<string> {
  const found = new Set<string>();
  let next = [...(roles.get(name)?.inherits ?? [])];
  while (next.length > 0) {
    const fresh = next.filter((each) => !found.has(each));
    for (const each of fresh) found.add(each);
    next = fresh.flatMap((each) => roles.get(each)?.inherits ?? []);
  }
  return found;
}

describe('P-01-8 a role that inherits', () => {
  test('has the union of all rules above it, each with a path that is one, and a cycle is refused with the path that closes it', () => {
    fc.assert(
      fc.property(graph, fc.constantFrom(...NAMES), (edges, name) => {
        const roles = rolesOf(edges);
        const above = reachableFrom(name, roles);
        const cyclic = [name, ...above].some((each) => reachableFrom(each, roles).has(each));
        const expansion = expandRole(name, roles);
        expect(expansion.ok).toBe(!cyclic);
        if (expansion.ok) {
          const expected = [...new Set([name, ...above])].flatMap((each) => ownRule(each).verbs).sort();
          expect(expansion.rules.flatMap(({ rule }) => rule.verbs).sort()).toEqual(expected);
          for (const { rule, path } of expansion.rules) {
            expect(path[0]).toBe(name);
            expect(rule.verbs).toEqual(ownRule(path.at(-1) ?? '').verbs);
            for (const [index, each] of path.slice(1).entries()) expect(roles.get(path[index] ?? '')?.inherits).toContain(each);
          }
        } else {
          expect(expansion.code).toBe('AccessRoleCycle');
          const path = expansion.message.split(': ')[1]?.split(' -> ') ?? [];
          expect(path.length).toBeGreaterThan(1);
          expect(path[0]).toBe(path.at(-1));
          for (const [index, each] of path.slice(1).entries()) expect(roles.get(path[index] ?? '')?.inherits).toContain(each);
        }
      }),
    );
  });

  test('prints a cycle as a path', () => {
    const roles = new Map([
      ['a', { inherits: ['b'] }],
      ['b', { inherits: ['c'] }],
      ['c', { inherits: ['b'] }],
    ]);
    expect(expandRole('a', roles)).toMatchObject({ message: 'the role inherits from itself: b -> c -> b' });
  });

  test('names the role that is not there, and by whom it is inherited', () => {
    const roles = new Map([['a', { inherits: ['gone'] }]]);
    expect(expandRole('a', roles)).toMatchObject({
      code: 'AccessRoleNotFound',
      message: 'there is no role "gone", inherited by a -> gone',
    });
  });

  test('from the seed role admin has everything but the right to grant', () => {
    const expansion = expandRole('a', new Map([['a', { inherits: ['admin'] }]]));
    const rules = expansion.ok ? expansion.rules.map(({ rule }) => rule) : [];
    expect(beyond(TEAM_ROLE_RULES.admin, rules)).toEqual([
      'create accessbindings',
      'delete accessbindings',
      'grant accessroles',
      'patch accessbindings',
      'update accessbindings',
    ]);
  });

  test('cannot take a name of the seed roles for itself: the seed role stays what it is', () => {
    const roles = new Map([['viewer', { rules: [{ resources: ['sessions'], verbs: ['exec'] } satisfies AccessRule] }]]);
    const expansion = rulesAt('viewer', 'Team', roles);
    expect(expansion?.ok === true && expansion.rules.map(({ rule }) => rule)).toEqual(TEAM_ROLE_RULES.viewer);
  });
});

test('rules of several API groups become one rule for each', () => {
  const rules: readonly AccessRule[] = [{ resources: ['sessions', 'events', 'pods', 'templates'], verbs: ['get'] }];
  const expansion = expandRole('a', new Map([['a', { rules }]]));
  expect(expansion.ok && expansion.rules.map(({ rule }) => rule)).toEqual([
    { apiGroups: ['streamspace.io'], resources: ['sessions', 'templates'], verbs: ['get'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  ]);
});

test('on one session there is no list and no create, which know no names', () => {
  expect(sessionVerbs(TEAM_ROLE_RULES.viewer)).toEqual(['connect', 'get', 'observe']);
});

test('P-01-3 no role can say what a platform admin does not have', () => {
  expect(beyond(VOCABULARY_RULES, PLATFORM_ROLE_RULES.platformAdmin)).toEqual([]);
});

test('P-01-3 no role can say who may write or grant roles, bindings, teams and syncs', () => {
  const granting = ['accessroles', 'accessbindings', 'teams', 'gitsyncs'];
  const verbs = VOCABULARY_RULES.filter(({ resources }) => resources.some((each) => granting.includes(each))).flatMap(
    (rule) => rule.verbs,
  );
  expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
});

test('every other role of a team is within its admin', () => {
  for (const role of ['member', 'viewer', 'auditor'] as const)
    expect(beyond(TEAM_ROLE_RULES[role], TEAM_ROLE_RULES.admin)).toEqual([]);
});
