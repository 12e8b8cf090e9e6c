// Which bindings and policies are about a team, and how they are shown. Pure.
import type { AccessOrigin } from '../../schemas/api/access.ts';
import { POLICY_KINDS } from '../../schemas/api/changes.ts';
import type { TeamDetail } from '../../schemas/api/teams.ts';
import type { AccessBinding, AccessBindingSpec } from '../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../schemas/kinds/access/access-role.ts';
import { beyond, expandRole } from '../../schemas/kinds/access/expand-role.ts';
import { type PolicyRule, TEAM_ROLE_RULES } from '../../schemas/rights.ts';
import { ALL_SEED_ROLES, seedRole } from '../../schemas/seed-roles.ts';
import { nameOfObject, type OfGit } from './origins.ts';

interface TeamHead {
  readonly name: string;
  readonly namespace: string;
}
type Shown = { readonly [K in 'bindings' | 'policies' | 'roles']: NonNullable<TeamDetail[K]>[number] };
type Binding = AccessBinding & OfGit;

/** Of a policy or a quota what tells whom it is for. */
export interface PolicyOfTeam {
  readonly spec: {
    readonly targets?: { readonly teams?: readonly string[]; readonly templates?: readonly string[]; readonly cel?: string };
    /** Of a Quota. */
    readonly templates?: readonly string[];
    readonly scope?: string;
  };
}
type Policy = PolicyOfTeam & OfGit;

/** Those that give something in the team or on a session of it, or give something to its members; those for everywhere too. */
export function bindingsOfTeam(bindings: readonly Binding[], { name, namespace }: TeamHead): readonly Binding[] {
  return bindings.filter(
    ({ spec: { scope, subject } }) =>
      scope.platform === true || scope.team === name || scope.session?.namespace === namespace || subject.team?.name === name,
  );
}

export function policiesOfTeam(policies: readonly Policy[], { name }: TeamHead): readonly Policy[] {
  return policies.filter(({ spec }) => spec.targets?.teams === undefined || spec.targets.teams.includes(name));
}

export function presentBinding(binding: Binding, origin: AccessOrigin | null): Shown['bindings'] {
  const { spec, status } = binding;
  return {
    object: nameOfObject(binding),
    subject: subjectText(spec.subject),
    role: spec.roleRef,
    scope: scopeText(spec.scope),
    notBefore: spec.notBefore ?? null,
    expiresAt: spec.expiresAt ?? null,
    reason: spec.reason,
    state: status?.conditions?.find(({ type }) => type === 'Ready')?.reason ?? '',
    origin,
  };
}

export function presentPolicy(policy: Policy, origin: AccessOrigin | null): Shown['policies'] {
  const { targets, templates } = policy.spec;
  return {
    kind: kindOf(policy.kind),
    namespace: policy.metadata.namespace ?? '',
    name: policy.metadata.name,
    scope: policy.kind === 'Quota' ? (policy.spec.scope ?? null) : null,
    narrowed: templates !== undefined || targets?.templates !== undefined || targets?.cel !== undefined,
    origin,
  };
}

/** Those that come with StreamSpace and can be given in a team. */
export const BUILT_IN_ROLES: readonly Shown['roles'][] = ALL_SEED_ROLES.flatMap((name) => {
  const rules = seedRole(name)?.team;
  return rules === undefined
    ? []
    : [{ name, displayName: null, builtIn: true, rules: plain(rules), beyondTeam: [], origin: null }];
});

/** Roles of one's own that can be given in a team; not such as give nothing, for what they inherit is not there. */
export function ownRolesOfTeam<T extends AccessRole>(roles: readonly T[]): readonly { role: T; shown: Shown['roles'] }[] {
  const definitions = new Map(roles.map(({ metadata, spec }) => [metadata.name, spec] as const));
  return roles.flatMap((role) => {
    const { metadata, spec } = role;
    const expansion = spec.assignableAt.includes('Team') ? expandRole(metadata.name, definitions) : undefined;
    if (expansion?.ok !== true || metadata.deletionTimestamp !== undefined) return [];
    const rules = expansion.rules.map(({ rule }) => rule);
    const beyondTeam = [...beyond(rules, TEAM_ROLE_RULES.admin)];
    const { name } = metadata;
    const shown = { name, displayName: spec.displayName ?? null, builtIn: false, rules: plain(rules), beyondTeam, origin: null };
    return [{ role, shown }];
  });
}

function plain(rules: readonly PolicyRule[]): Shown['roles']['rules'] {
  return rules.map(({ resources, verbs }) => ({ resources: [...resources], verbs: [...verbs] }));
}

function kindOf(kind: string): Shown['policies']['kind'] {
  const found = POLICY_KINDS.find((each) => each === kind);
  if (found === undefined) throw new RangeError(`${kind} is no policy of a team`);
  return found;
}

function subjectText({ user, group, team }: AccessBindingSpec['subject']): string {
  if (user !== undefined) return `user ${user}`;
  if (group !== undefined) return `group ${group}`;
  return `team ${team?.name ?? ''}${team?.role === undefined ? '' : ` (${team.role})`}`;
}

function scopeText({ team, session }: AccessBindingSpec['scope']): string {
  if (team !== undefined) return `team ${team}`;
  return session === undefined ? 'platform' : `session ${session.namespace}/${session.name}`;
}
