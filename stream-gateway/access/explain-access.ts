// "Why can this person do that?": every way from a person to a verb, through teams, sessions, bindings and the roles that come with
// the installation. It explains and never decides: that is the API server's. Pure.
import { type AskedResource, groupsOfResource } from '../../schemas/access-vocabulary.ts';
import type { AccessBinding } from '../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../schemas/kinds/access/access-role.ts';
import { type AccessWorld, accessVerdict, type Holder, verbsOnSession } from '../../schemas/kinds/access/access-verdict.ts';
import { type InheritedRule, ruleAllows } from '../../schemas/kinds/access/expand-role.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { type Team, teamNamespace } from '../../schemas/kinds/team.ts';
import { API_GROUP, AUDITORS_GROUP, machineUser, PLATFORM_ADMINS_GROUP, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import {
  AUTHENTICATED_RULES,
  PLATFORM_ROLE_RULES,
  type PolicyRule,
  SESSION_OWNER_VERBS,
  TEAM_ROLE_RULES,
} from '../../schemas/rights.ts';

export interface AccessQuestion {
  readonly user: string;
  /** As the identity provider calls them. */
  readonly groups: readonly string[];
  /** Left out: whatever it is. */
  readonly verb?: string;
  /** Left out: whatever it is. */
  readonly resource?: AskedResource;
  /** Left out: in the whole cluster. */
  readonly namespace?: string;
  /** The name of a session. */
  readonly session?: string;
}

export interface AccessObjects {
  readonly teams: readonly Team[];
  readonly roles: readonly AccessRole[];
  readonly bindings: readonly AccessBinding[];
  readonly sessions: readonly Session[];
  readonly nowMs: number;
}

type Explained = AccessBinding | AccessRole | Team | Session;

export interface AccessPath {
  /** What gives the role; `undefined` for what comes with the installation. */
  readonly source: AccessBinding | Team | Session | undefined;
  readonly holder: Holder;
  readonly role: string;
  readonly inheritance: readonly string[];
  readonly rule: PolicyRule;
  readonly scope: string;
  readonly expiresAt?: string;
  readonly reason?: string;
  /** All that takes part: the source, and the AccessRoles from the one that is given to the one with the rule. */
  readonly objects: readonly Explained[];
}

export function explainAccess(objects: AccessObjects, question: AccessQuestion): readonly AccessPath[] {
  return [
    ...ofInstallation(question),
    ...objects.teams.flatMap((team) => ofTeam(team, question)),
    ...objects.sessions.flatMap((session) => ofOwner(session, question)),
    ...ofBindings(objects, question),
  ];
}

function answers(rule: PolicyRule, { resource, verb }: AccessQuestion): boolean {
  if (resource === undefined || verb === undefined) return true;
  return groupsOfResource(resource).some((group) => ruleAllows([rule], { group, resource, verb }));
}

function aboutSessions({ resource }: AccessQuestion): boolean {
  return resource === undefined || resource === 'sessions';
}

/** The subject of a binding that means this person. */
function holderIn(holders: readonly Holder[], { user, groups }: AccessQuestion): Holder | undefined {
  return holders.find(({ kind, name }) => (kind === 'User' ? name === user : groups.includes(name)));
}

function ofInstallation(question: AccessQuestion): readonly AccessPath[] {
  const paths = (group: string, role: string, scope: string, rules: readonly PolicyRule[]): readonly AccessPath[] =>
    rules
      .filter((rule) => answers(rule, question))
      .map((rule) => ({
        source: undefined,
        holder: { kind: 'Group', name: group },
        role,
        inheritance: [role],
        rule,
        scope,
        objects: [],
      }));
  const { groups, namespace } = question;
  return [
    ...(groups.includes(PLATFORM_ADMINS_GROUP)
      ? paths(PLATFORM_ADMINS_GROUP, 'platform-admin', 'platform', PLATFORM_ROLE_RULES.platformAdmin)
      : []),
    ...(groups.includes(AUDITORS_GROUP) ? paths(AUDITORS_GROUP, 'auditor', 'platform', PLATFORM_ROLE_RULES.auditor) : []),
    ...(namespace === SYSTEM_NAMESPACE
      ? paths('authenticated', 'authenticated', `namespace ${SYSTEM_NAMESPACE}`, AUTHENTICATED_RULES)
      : []),
  ];
}

function ofTeam(team: Team, question: AccessQuestion): readonly AccessPath[] {
  if (teamNamespace(team) !== question.namespace) return [];
  const machines = (team.spec.machines ?? []).map(({ name, role }) => ({
    role,
    holder: { kind: 'User', name: machineUser({ team: team.metadata.name, machine: name }) } as const,
  }));
  const entries = (team.spec.members ?? []).map(({ user, group, role }) => ({
    role,
    holder: user === undefined ? ({ kind: 'Group', name: group ?? '' } as const) : ({ kind: 'User', name: user } as const),
  }));
  return [...entries, ...machines].flatMap(({ role, holder }) =>
    holderIn([holder], question) === undefined
      ? []
      : [...TEAM_ROLE_RULES[role]]
          .filter((rule) => answers(rule, question))
          .map((rule) => ({
            ...{ source: team, holder, role, inheritance: [role], rule, objects: [team] },
            scope: `namespace ${teamNamespace(team)}`,
          })),
  );
}

function ofOwner(session: Session, question: AccessQuestion): readonly AccessPath[] {
  const { name, namespace = '' } = session.metadata;
  const asked = question.session === name && question.namespace === namespace && aboutSessions(question);
  const rule: PolicyRule = { apiGroups: [API_GROUP], resources: ['sessions'], resourceNames: [name], verbs: SESSION_OWNER_VERBS };
  if (!asked || session.spec.owner !== question.user || !answers(rule, question)) return [];
  const holder = { kind: 'User', name: question.user } as const;
  return [
    {
      source: session,
      holder,
      role: 'owner',
      inheritance: ['owner'],
      rule,
      scope: `session ${namespace}/${name}`,
      objects: [session],
    },
  ];
}

function ofBindings({ teams, roles, bindings, sessions, nowMs }: AccessObjects, question: AccessQuestion): readonly AccessPath[] {
  const known = new Set(sessions.map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`));
  const rolesByName = new Map(roles.map((role) => [role.metadata.name, role] as const));
  const world: AccessWorld = {
    roles: rolesByName,
    teams: new Map(teams.map((team) => [team.metadata.name, team] as const)),
    hasSession: (namespace, name) => known.has(`${namespace}/${name}`),
  };
  return bindings.flatMap((binding) => {
    const verdict = accessVerdict(binding, world, nowMs);
    if (binding.metadata.deletionTimestamp !== undefined || verdict.state !== 'granted') return [];
    const holder = holderIn(verdict.holders, question);
    const { session } = binding.spec.scope;
    const scope =
      session === undefined
        ? verdict.namespace === undefined
          ? 'platform'
          : `namespace ${verdict.namespace}`
        : `session ${session.namespace}/${session.name}`;
    const there = verdict.namespace === undefined || verdict.namespace === question.namespace;
    if (holder === undefined || !there || (session !== undefined && session.name !== question.session)) return [];
    const onSession = new Set(session === undefined ? [] : verbsOnSession(verdict));
    const applies = ({ rule }: InheritedRule): boolean =>
      answers(rule, question) &&
      (session === undefined || (aboutSessions(question) && (question.verb === undefined || onSession.has(question.verb))));
    return verdict.rules.filter(applies).map(({ rule, path }) => ({
      ...{ source: binding, holder, role: binding.spec.roleRef, inheritance: path, rule, scope },
      ...(binding.spec.expiresAt === undefined ? {} : { expiresAt: binding.spec.expiresAt }),
      reason: binding.spec.reason,
      objects: [binding, ...path.flatMap((name) => rolesByName.get(name) ?? [])],
    }));
  });
}
