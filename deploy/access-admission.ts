// Nobody gives what he does not have: who may write AccessRoles and AccessBindings is judged where they are written, for every
// writer. As with `bind` in RBAC it takes a right of its own, `grant` on the role: of a platform admin for any place, of a team's
// admin in the namespace of the team, and there never for more than he has himself (docs/adr/0036-access-bindings.md).
import { accessRoleKind } from '../schemas/kinds/access/access-role.ts';
import { API_GROUP, CLUSTER_RIGHTS_PREFIX, LABELS, SYSTEM_NAMESPACE } from '../schemas/names.ts';
import { ALL_SEED_ROLES, seedRole } from '../schemas/seed-roles.ts';
import type { Policy } from './admission-policy.ts';

/** The service account of the controller (manifests.ts). */
export const CONTROLLER_ACCOUNT = 'streamspace-controller';

const BINDINGS = { resources: ['accessbindings'], operations: ['CREATE', 'UPDATE'] } as const;
/** Labels and finalizers give nobody anything. */
const CHANGED = "request.operation == 'CREATE' || object.spec != oldObject.spec";
const IN_A_TEAM = `request.namespace != '${SYSTEM_NAMESPACE}' && (${CHANGED})`;

const SCOPE = 'object.spec.scope';
const LEVEL = `(has(${SCOPE}.platform) ? 'Platform' : has(${SCOPE}.team) ? 'Team' : 'Session')`;
const TEAM = `namespaceObject.metadata.?labels[?'${LABELS.team}'].orValue('')`;
const ROLE = 'object.spec.roleRef';
/** The messages name it in quotes. */
const QUOTED_ROLE = `'"' + ${ROLE} + '"'`;
const PLACE = `(has(${SCOPE}.platform) ? 'on the whole platform' : has(${SCOPE}.team) ? 'in the team ' + ${SCOPE}.team : 'on the session ' + ${SCOPE}.session.namespace + '/' + ${SCOPE}.session.name)`;

const mayGrant = (role: string, namespace?: string): string =>
  `authorizer.group('${API_GROUP}').resource('accessroles')${namespace === undefined ? '' : `.namespace(${namespace})`}.name(${role}).check('grant').allowed()`;

/** `{'admin': ['Team', 'Session'], ...}` of CEL. */
const SEED_LEVELS = `{${ALL_SEED_ROLES.map((name) => `'${name}': [${levelsOf(name)}]`).join(', ')}}`;

function levelsOf(name: string): string {
  const { platform, team, session = false } = seedRole(name) ?? {};
  const levels = [platform === undefined ? '' : 'Platform', team === undefined ? '' : 'Team', session ? 'Session' : ''];
  return levels
    .filter((level) => level !== '')
    .map((level) => `'${level}'`)
    .join(', ');
}

export const ACCESS_POLICIES: readonly Policy[] = [
  {
    name: `access-binding-place.${API_GROUP}`,
    ...BINDINGS,
    when: IN_A_TEAM,
    expression: [
      `(has(${SCOPE}.team) && ${SCOPE}.team == ${TEAM})`,
      `(has(${SCOPE}.session) && ${TEAM} != '' && ${SCOPE}.session.namespace == request.namespace)`,
    ].join(' || '),
    message: [
      `'to give the role ' + ${QUOTED_ROLE} + ' ' + ${PLACE} + ' takes a binding in the namespace ${SYSTEM_NAMESPACE} and the right "grant" on accessroles '`,
      `${QUOTED_ROLE} + ' in the whole cluster; one in ' + request.namespace + ' can be for the team of that namespace and its sessions only'`,
    ].join(' + '),
  },
  {
    name: `access-binding-grant.${API_GROUP}`,
    ...BINDINGS,
    when: CHANGED,
    expression: `request.namespace == '${SYSTEM_NAMESPACE}' ? ${mayGrant(ROLE)} : ${mayGrant(ROLE, 'request.namespace')}`,
    message: [
      `request.userInfo.username + ' cannot give the role ' + ${QUOTED_ROLE} + ': missing is the right "grant" on accessroles ' + ${QUOTED_ROLE}`,
      `(request.namespace == '${SYSTEM_NAMESPACE}' ? ' in the whole cluster' : ' in ' + request.namespace)`,
    ].join(' + '),
  },
  {
    name: `access-binding-seed.${API_GROUP}`,
    ...BINDINGS,
    when: CHANGED,
    expression: `!(${ROLE} in ${SEED_LEVELS}) || ${LEVEL} in ${SEED_LEVELS}[${ROLE}]`,
    message: `'the role ' + ${QUOTED_ROLE} + ' cannot be given ' + ${PLACE}`,
  },
  {
    name: `access-binding-assignable.${API_GROUP}`,
    ...BINDINGS,
    params: accessRoleKind.kind,
    when: CHANGED,
    expression: `params.metadata.name != ${ROLE} || ${LEVEL} in params.spec.assignableAt`,
    message: `'the role ' + ${QUOTED_ROLE} + ' cannot be given ' + ${PLACE} + ': its assignableAt is ' + params.spec.assignableAt.join(', ')`,
  },
  {
    name: `access-binding-width.${API_GROUP}`,
    ...BINDINGS,
    params: accessRoleKind.kind,
    when: IN_A_TEAM,
    // Without a status nobody has worked out yet what it gives.
    expression: `params.metadata.name != ${ROLE} || params.?status.?beyondTeam.orValue('?') == ''`,
    message: `'the role ' + ${QUOTED_ROLE} + ' gives more than an admin of a team has; missing: ' + params.?status.?beyondTeam.orValue('not known yet, try again')`,
  },
  {
    // RBAC limits no names for what is new: without this the controller could take away any role of the cluster.
    name: `controller-roles.${API_GROUP}`,
    apiGroup: 'rbac.authorization.k8s.io',
    resources: ['clusterroles', 'clusterrolebindings'],
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    when: `request.userInfo.username == 'system:serviceaccount:${SYSTEM_NAMESPACE}:${CONTROLLER_ACCOUNT}'`,
    expression: `request.name.startsWith('${CLUSTER_RIGHTS_PREFIX}')`,
    message: `'the controller writes ClusterRoles and ClusterRoleBindings of AccessRoles and AccessBindings only, not ' + request.name`,
  },
  {
    // A role that is bound is as good as a binding.
    name: `access-role.${API_GROUP}`,
    resources: ['accessroles'],
    operations: ['CREATE', 'UPDATE'],
    when: CHANGED,
    expression: mayGrant('object.metadata.name'),
    message: `request.userInfo.username + ' cannot write the role "' + object.metadata.name + '": missing is the right "grant" on accessroles "' + object.metadata.name + '" in the whole cluster'`,
  },
];
