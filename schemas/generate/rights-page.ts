// docs/reference/rights.md: who may do what, from the same table that the chart and the reconcilers bind.
import { VOCABULARY_RULES } from '../access-vocabulary.ts';
import {
  AUDITORS_GROUP,
  AUTHENTICATED_GROUP,
  GROUP_PREFIX,
  PLATFORM_ADMINS_GROUP,
  SYSTEM_NAMESPACE,
  USER_PREFIX,
} from '../names.ts';
import { AUTHENTICATED_RULES, PLATFORM_ROLE_RULES, type PolicyRule, SESSION_OWNER_VERBS, TEAM_ROLE_RULES } from '../rights.ts';
import { code, table } from './markdown.ts';

function rows(rules: readonly PolicyRule[]): readonly (readonly string[])[] {
  return rules.map((rule) => [
    rule.resources.map(code).join(', '),
    rule.apiGroups.map((group) => (group === '' ? 'core' : code(group))).join(', '),
    rule.verbs.map(code).join(', '),
  ]);
}

function role(title: string, bound: string, rules: readonly PolicyRule[]): readonly string[] {
  return ['', `### ${title}`, '', bound, '', ...table(['resources', 'group', 'verbs'], rows(rules))];
}

export function rightsPage(): readonly string[] {
  const team = (member: string): string => `Bound in the team's namespace to its members with the role ${code(member)}.`;
  return [
    '# Rights',
    '',
    'RBAC of the cluster decides everything. The verbs `connect` (open a stream), `observe` (see it), `control` (type into it),',
    '`exec` (open a console, where a SessionPolicy allows it) and `assign` (start a session for somebody else; share where a policy lets admins only) are ours; the gateway asks for them with a',
    'SubjectAccessReview. A `SessionShare` is written by the gateway itself, for whoever controls the session: nobody else has that right, and an',
    'admission policy refuses it to cluster admins too. `recordings` exist in',
    'rights only: `list` is to know of them, `get` to watch them, `hold` to keep one whatever its retention says, `delete` to delete one',
    '([who may watch](../guides/recording.md#who-may-know-of-a-recording-and-who-may-watch-it)).',
    '`people` exist in rights only too: `list` and `get` are to see them, `update` is to lock, unlock and sign out, `delete` is to forget one',
    '([people](../guides/people.md)).',
    'The verb `grant` on `accessroles` is to give a role by an `AccessBinding` ([roles and bindings](../guides/roles-and-bindings.md)).',
    '',
    '## In a team',
    ...Object.entries(TEAM_ROLE_RULES).flatMap(([name, rules]) => role(name, team(name), rules)),
    '',
    '### Owner of a session',
    '',
    `Of one's own session, by name: ${SESSION_OWNER_VERBS.map(code).join(', ')}.`,
    '',
    '## Roles of your own',
    '',
    'What the rules of an `AccessRole` can say:',
    '',
    ...table(['resources', 'group', 'verbs'], rows(VOCABULARY_RULES)),
    '',
    '## On the platform',
    ...role(
      'platformAdmin',
      `Bound to the group ${code(PLATFORM_ADMINS_GROUP)} of the identity provider (${code(GROUP_PREFIX + PLATFORM_ADMINS_GROUP)}).`,
      PLATFORM_ROLE_RULES.platformAdmin,
    ),
    ...role(
      'auditor',
      `Bound to the group ${code(AUDITORS_GROUP)} of the identity provider (${code(GROUP_PREFIX + AUDITORS_GROUP)}).`,
      PLATFORM_ROLE_RULES.auditor,
    ),
    ...role(
      'Everybody who is signed in',
      `Bound in the namespace ${code(SYSTEM_NAMESPACE)} to ${code(AUTHENTICATED_GROUP)}.`,
      AUTHENTICATED_RULES,
    ),
    '',
    '## Impersonation, and what guards it',
    '',
    `The gateway acts as the person who asks: as the user ${code(`${USER_PREFIX}<name>`)} in the groups ${code(`${GROUP_PREFIX}<name>`)} and`,
    `${code(AUTHENTICATED_GROUP)}. RBAC can name users and groups one by one but knows no prefixes, and an admission policy never learns who`,
    'impersonates, so the right to impersonate users and groups is wider than what is used. What stands in for a rule:',
    '',
    '- names get their prefix in one place of the code (`schemas/names.ts`), after the sign-in, and a name with a colon or space is refused;',
    '- a request without a user is an error in the client and never falls back to the rights of the gateway;',
    '- the audit log of the API server has both names of every such request (`user` and `impersonatedUser`): alert on one of `streamspace-gateway` whose `impersonatedUser` does not begin with `streamspace:user:`;',
    '- the right `pods/exec`, for the files of sessions, is for every pod in RBAC; the admission policy `gateway-exec` keeps the gateway to containers called `desktop` in the namespaces of teams;',
    '- the token of the gateway is worth as much as the admin of the cluster: nobody else may read the Secrets and Pods of its namespace.',
  ];
}
