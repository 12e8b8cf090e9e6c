// What an AccessBinding gives at a time. The controller makes RBAC of it, the gateway explains by it: one rule for both. Pure.
import type { ErrorCode } from '../../errors.ts';
import { SYSTEM_NAMESPACE } from '../../names.ts';
import { TEAM_ROLE_RULES } from '../../rights.ts';
import { seedRole } from '../../seed-roles.ts';
import { type Team, teamNamespace } from '../team.ts';
import type { AccessBinding, AccessScope } from './access-binding.ts';
import type { AccessLevel, AccessRole } from './access-role.ts';
import { beyond, type InheritedRule, rulesAt, sessionVerbs } from './expand-role.ts';

export type BindingOf = Pick<AccessBinding, 'metadata' | 'spec'>;
export type TeamOf = Pick<Team, 'metadata' | 'spec'>;

/** What is known besides the binding. */
export interface AccessWorld {
  readonly roles: ReadonlyMap<string, Pick<AccessRole, 'spec'>>;
  readonly teams: ReadonlyMap<string, TeamOf>;
  readonly hasSession: (namespace: string, name: string) => boolean;
}

/** A person or a group, as the identity provider calls it. */
export interface Holder {
  readonly kind: 'User' | 'Group';
  readonly name: string;
}

export type AccessVerdict =
  | {
      readonly state: 'granted';
      readonly level: AccessLevel;
      /** Of team or session; `undefined` on the platform. */
      readonly namespace: string | undefined;
      readonly rules: readonly InheritedRule[];
      /** Sorted, each once. */
      readonly holders: readonly Holder[];
      /** Milliseconds since 1970 at which another verdict is due. */
      readonly untilMs?: number;
    }
  | { readonly state: 'notStarted'; readonly untilMs: number; readonly message: string }
  | { readonly state: 'expired'; readonly message: string }
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string };

type Refused = Extract<AccessVerdict, { state: 'refused' }>;

/** Times first: what is over is over, whatever else is the matter with it. */
export function accessVerdict(binding: BindingOf, world: AccessWorld, nowMs: number): AccessVerdict {
  const { spec } = binding;
  const startMs = spec.notBefore === undefined ? undefined : Date.parse(spec.notBefore);
  const endMs = spec.expiresAt === undefined ? undefined : Date.parse(spec.expiresAt);
  // A time that cannot be read gives nothing: NaN fails both comparisons that would let it through.
  if (endMs !== undefined && !(nowMs < endMs)) return { state: 'expired', message: `it ended at ${spec.expiresAt}` };
  if (startMs !== undefined && !(nowMs >= startMs))
    return { state: 'notStarted', untilMs: startMs, message: `it begins at ${spec.notBefore}` };
  const place = placeOf(spec.scope, world);
  if ('code' in place) return place;
  const rules = grantedRules(binding, place.level, world);
  if ('code' in rules) return rules;
  if (place.level === 'Session' && verbsOnSession({ rules }).length === 0)
    return refused('AccessScopeNotAllowed', `the role "${spec.roleRef}" says nothing of a single session`);
  if (binding.metadata.namespace !== SYSTEM_NAMESPACE) {
    const refusal = refusalInTeam(binding, place, rules, world);
    if (refusal !== undefined) return refusal;
  }
  const holders = holdersOf(binding, world);
  if ('code' in holders) return holders;
  return { state: 'granted', ...place, rules, holders, ...(endMs === undefined ? {} : { untilMs: endMs }) };
}

interface Place {
  readonly level: AccessLevel;
  readonly namespace: string | undefined;
}

function placeOf({ team, session }: AccessScope, { teams, hasSession }: AccessWorld): Place | Refused {
  if (team !== undefined) {
    const found = teams.get(team);
    return found === undefined ? notFound(`there is no team "${team}"`) : { level: 'Team', namespace: teamNamespace(found) };
  }
  if (session === undefined) return { level: 'Platform', namespace: undefined };
  const { namespace, name } = session;
  return hasSession(namespace, name)
    ? { level: 'Session', namespace }
    : notFound(`there is no session "${name}" in ${namespace}`);
}

function grantedRules({ spec }: BindingOf, level: AccessLevel, { roles }: AccessWorld): readonly InheritedRule[] | Refused {
  const definitions = new Map([...roles].map(([name, role]) => [name, role.spec] as const));
  const expansion = rulesAt(spec.roleRef, level, definitions);
  const assignable = seedRole(spec.roleRef) !== undefined || roles.get(spec.roleRef)?.spec.assignableAt.includes(level) !== false;
  if (expansion === undefined || !assignable)
    return refused('AccessScopeNotAllowed', `the role "${spec.roleRef}" cannot be given at the scope ${level.toLowerCase()}`);
  return expansion.ok ? expansion.rules : refused(expansion.code, expansion.message);
}

/** Admission has said the same to whoever wrote it; this holds for what a role became since. */
function refusalInTeam(
  binding: BindingOf,
  place: Place,
  rules: readonly InheritedRule[],
  { teams }: AccessWorld,
): Refused | undefined {
  const own = binding.metadata.namespace ?? '';
  const isTeams = [...teams.values()].some((team) => teamNamespace(team) === own);
  if (!isTeams || place.namespace !== own)
    return refused(
      'AccessScopeNotAllowed',
      `a binding in the namespace ${own} can only be for the team that has it, and its sessions`,
    );
  const more = beyond(
    rules.map(({ rule }) => rule),
    TEAM_ROLE_RULES.admin,
  );
  if (more.length === 0) return undefined;
  return refused(
    'AccessTooWide',
    `the role "${binding.spec.roleRef}" gives more than an admin of a team has: ${more.join(', ')}`,
  );
}

function holdersOf({ spec: { subject } }: BindingOf, { teams }: AccessWorld): readonly Holder[] | Refused {
  if (subject.user !== undefined) return [{ kind: 'User', name: subject.user }];
  if (subject.group !== undefined) return [{ kind: 'Group', name: subject.group }];
  const { name = '', role } = subject.team ?? {};
  const team = teams.get(name);
  if (team === undefined) return notFound(`there is no team "${name}"`);
  const names = (team.spec.members ?? [])
    .filter((member) => role === undefined || member.role === role)
    .map(({ user, group }) => (user === undefined ? `Group ${group ?? ''}` : `User ${user}`));
  return [...new Set(names)]
    .sort()
    .map((text) => ({ kind: text.startsWith('User ') ? 'User' : 'Group', name: text.slice(text.indexOf(' ') + 1) }));
}

/** On one session: the verbs by name alone. */
export function verbsOnSession({ rules }: { readonly rules: readonly InheritedRule[] }): readonly string[] {
  return sessionVerbs(rules.map(({ rule }) => rule));
}

function refused(code: ErrorCode, message: string): Refused {
  return { state: 'refused', code, message };
}

function notFound(message: string): Refused {
  return refused('AccessTargetNotFound', message);
}
