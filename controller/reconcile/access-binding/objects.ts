// Which objects of RBAC a binding comes to while it is granted. Pure: the same binding and verdict give the same objects.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Resource } from '../../../runtime/kube/types.ts';
import type { AccessBinding, AccessSubject } from '../../../schemas/kinds/access/access-binding.ts';
import { type AccessVerdict, type Holder, verbsOnSession } from '../../../schemas/kinds/access/access-verdict.ts';
import { API_GROUP, CLUSTER_RIGHTS_PREFIX, GROUP_PREFIX, kubernetesUser, LABELS, MANAGED_BY } from '../../../schemas/names.ts';
import { seedRole } from '../../../schemas/seed-roles.ts';
import { clusterRoleName } from '../access-role/access-role.ts';
import type { Wanted } from '../wanted.ts';

const RBAC = 'rbac.authorization.k8s.io';

export type Granted = Extract<AccessVerdict, { state: 'granted' }>;

/** Empty where nobody is meant: a team without such members. Roles before their bindings. */
export function bindingObjects(binding: AccessBinding, granted: Granted): readonly Wanted[] {
  if (granted.holders.length === 0) return [];
  const { level, namespace } = granted;
  const name = nameOf(binding);
  const subjects = granted.holders.map(subjectOf);
  const made = (resource: Resource, fields: object): Wanted => ({
    resource,
    mode: 'keep',
    manifest: {
      apiVersion: `${RBAC}/v1`,
      kind: resource.kind,
      metadata: { name, ...(resource.namespaced ? { namespace: namespace ?? '' } : {}), labels: labelsOf(binding) },
      ...fields,
    },
  });
  const { roleRef: role, scope } = binding.spec;
  const bound = (kind: 'ClusterRole' | 'Role', ref: string): object => ({
    roleRef: { apiGroup: RBAC, kind, name: ref },
    subjects,
  });
  if (level === 'Platform')
    return [made(RESOURCES.clusterRoleBindings, bound('ClusterRole', seedRole(role)?.clusterRole ?? clusterRoleName(role)))];
  if (level === 'Team')
    return [
      made(
        RESOURCES.roleBindings,
        seedRole(role) === undefined ? bound('ClusterRole', clusterRoleName(role)) : bound('Role', `streamspace-team-${role}`),
      ),
    ];
  const resourceNames = [scope.session?.name ?? ''];
  const rules = [{ apiGroups: [API_GROUP], resources: ['sessions'], resourceNames, verbs: verbsOnSession(granted) }];
  return [made(RESOURCES.roles, { rules }), made(RESOURCES.roleBindings, bound('Role', name))];
}

/** Where a binding has to wait for a role: whoever binds one that is not there is refused by the API server. */
export function neededRole(
  binding: AccessBinding,
  { level, namespace }: Granted,
): { readonly resource: Resource; readonly namespace?: string; readonly name: string } | undefined {
  const { roleRef } = binding.spec;
  if (level === 'Session') return undefined;
  if (seedRole(roleRef) === undefined) return { resource: RESOURCES.clusterRoles, name: clusterRoleName(roleRef) };
  if (level === 'Platform' || namespace === undefined) return undefined;
  return { resource: RESOURCES.roles, namespace, name: `streamspace-team-${roleRef}` };
}

export function labelsOf({ metadata }: AccessBinding): Readonly<Record<string, string>> {
  return { [LABELS.accessBinding]: metadata.uid ?? '', [LABELS.managedBy]: MANAGED_BY };
}

/** After subject and role; the UID tells two bindings of the same apart. A name of RBAC is a segment of a path. */
function nameOf({ metadata, spec }: AccessBinding): string {
  const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9._@-]/g, '-');
  return `${CLUSTER_RIGHTS_PREFIX}${plain(describeSubject(spec.subject))}:${spec.roleRef}:${(metadata.uid ?? '').slice(0, 8)}`;
}

function describeSubject({ user, group, team }: AccessSubject): string {
  if (user !== undefined) return `user-${user}`;
  return group === undefined ? `team-${team?.name ?? ''}-${team?.role ?? 'all'}` : `group-${group}`;
}

function subjectOf({ kind, name }: Holder): object {
  return { apiGroup: RBAC, kind, name: kind === 'User' ? kubernetesUser(name) : `${GROUP_PREFIX}${name}` };
}
