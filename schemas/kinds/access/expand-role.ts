// What a role comes to with those that it inherits: the union of their rules, each with the path that it came by. The controller
// writes it into a ClusterRole, the gateway explains by it, `validate` refuses by it: one rule for all. Pure.
import { type AccessResource, groupsOfResource } from '../../access-vocabulary.ts';
import type { PolicyRule } from '../../rights.ts';
import { inheritedRulesOf, type SeedRole, seedRole } from '../../seed-roles.ts';
import type { AccessLevel, AccessRule } from './access-role.ts';

/** What of an AccessRole is looked at. */
export interface RoleDefinition {
  readonly rules?: readonly AccessRule[];
  readonly inherits?: readonly string[];
}

export interface InheritedRule {
  readonly rule: PolicyRule;
  /** From the role itself to the one that has the rule. */
  readonly path: readonly string[];
}

export type Expansion =
  | { readonly ok: true; readonly rules: readonly InheritedRule[] }
  | { readonly ok: false; readonly code: 'AccessRoleCycle' | 'AccessRoleNotFound'; readonly message: string };

type Refusal = Extract<Expansion, { ok: false }>;

/** Each role counts once, by the first path to it, in the order of `inherits`. @param roles AccessRoles by name, without the seed roles */
export function expandRole(name: string, roles: ReadonlyMap<string, RoleDefinition>): Expansion {
  const done = new Set<string>();
  const rules: InheritedRule[] = [];
  const visit = (role: string, above: readonly string[]): Refusal | undefined => {
    const path = [...above, role];
    const start = above.indexOf(role);
    if (start !== -1) return cycle(path.slice(start));
    if (done.has(role)) return undefined;
    done.add(role);
    const seeded = above.length === 0 ? undefined : inheritedRulesOf(role);
    if (seeded !== undefined) {
      rules.push(...seeded.map((rule) => ({ rule, path })));
      return undefined;
    }
    const definition = roles.get(role);
    if (definition === undefined) return missing(path);
    rules.push(...(definition.rules ?? []).flatMap(policyRulesOf).map((rule) => ({ rule, path })));
    for (const inherited of definition.inherits ?? []) {
      const refusal = visit(inherited, path);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
  return visit(name, []) ?? { ok: true, rules };
}

/** Of a seed role or an AccessRole, as it is where it is given. `undefined`: a seed role that cannot be given there. */
export function rulesAt(name: string, level: AccessLevel, roles: ReadonlyMap<string, RoleDefinition>): Expansion | undefined {
  const seed = seedRole(name);
  if (seed === undefined) return expandRole(name, roles);
  const rules = rulesOfSeed(seed, level);
  return rules === undefined ? undefined : { ok: true, rules: rules.map((rule) => ({ rule, path: [name] })) };
}

function rulesOfSeed(seed: SeedRole, level: AccessLevel): readonly PolicyRule[] | undefined {
  if (level === 'Platform') return seed.platform;
  return level === 'Team' || seed.session ? seed.team : undefined;
}

/** What has no name of its own: new ones cannot be limited to a name, and a list shows all. */
const WITHOUT_NAME: ReadonlySet<string> = new Set(['create', 'list', 'watch']);

/** What rules give on one session. */
export function sessionVerbs(rules: readonly PolicyRule[]): readonly string[] {
  const verbs = rules.filter(({ resources }) => resources.includes('sessions')).flatMap((rule) => rule.verbs);
  return [...new Set(verbs)].filter((verb) => !WITHOUT_NAME.has(verb)).sort();
}

/** `verb resource` of everything in `rules` that `limit` does not give; sorted, each once. */
export function beyond(rules: readonly PolicyRule[], limit: readonly PolicyRule[]): readonly string[] {
  const names = rules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        rule.verbs.filter((verb) => !ruleAllows(limit, { group, resource, verb })).map((verb) => `${verb} ${resource}`),
      ),
    ),
  );
  return [...new Set(names)].sort();
}

export interface RuleQuestion {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

export function ruleAllows(rules: readonly PolicyRule[], { group, resource, verb }: RuleQuestion): boolean {
  const has = (list: readonly string[], word: string): boolean => list.includes('*') || list.includes(word);
  return rules.some((rule) => has(rule.apiGroups, group) && has(rule.resources, resource) && has(rule.verbs, verb));
}

/** Resources of one API group together. */
function policyRulesOf({ resources, verbs }: AccessRule): readonly PolicyRule[] {
  const byGroups = new Map<string, AccessResource[]>();
  for (const resource of resources) {
    const key = JSON.stringify(groupsOfResource(resource));
    byGroups.set(key, [...(byGroups.get(key) ?? []), resource]);
  }
  return [...byGroups.values()].map((same) => ({
    apiGroups: same[0] === undefined ? [] : groupsOfResource(same[0]),
    resources: same,
    verbs,
  }));
}

function cycle(path: readonly string[]): Refusal {
  return { ok: false, code: 'AccessRoleCycle', message: `the role inherits from itself: ${path.join(' -> ')}` };
}

function missing(path: readonly string[]): Refusal {
  const by = path.length === 1 ? '' : `, inherited by ${path.join(' -> ')}`;
  return { ok: false, code: 'AccessRoleNotFound', message: `there is no role "${path.at(-1) ?? ''}"${by}` };
}
