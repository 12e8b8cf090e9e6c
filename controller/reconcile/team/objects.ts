// Which objects a team wants. Pure: the same team gives the same objects, in the order in which they must be there.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import { type Team, type TeamRole, teamNamespace } from '../../../schemas/kinds/team.ts';
import {
  ANNOTATIONS,
  GROUP_PREFIX,
  kubernetesUser,
  LABELS,
  MANAGED_BY,
  machineServiceAccount,
  machineUser,
} from '../../../schemas/names.ts';
import { TEAM_ROLE_RULES } from '../../../schemas/rights.ts';
import { teamNetworkPolicies } from '../../policies/network/render.ts';
import type { Wanted } from '../wanted.ts';

const RBAC = 'rbac.authorization.k8s.io';

export interface TeamObjects {
  readonly namespace: Wanted;
  /** Everything inside the namespace. */
  readonly contents: readonly Wanted[];
}

/**
 * @param created the namespace is ours to delete: we made it, or are about to
 * @param profiles at least those of `streamspace` and of the namespace of the team
 */
export function teamObjects(
  team: Team,
  { created, profiles }: { readonly created: boolean; readonly profiles: Iterable<NetworkProfile> },
): TeamObjects {
  const inside = (resource: Resource, apiVersion: string, name: string, fields: object, annotations = {}): Wanted => ({
    resource,
    mode: 'keep',
    manifest: {
      apiVersion,
      kind: resource.kind,
      metadata: { name, namespace: teamNamespace(team), labels: teamLabels(team), ...annotations },
      ...fields,
    },
  });
  return {
    namespace: { resource: RESOURCES.namespaces, mode: 'keep', manifest: namespaceManifest(team, created) },
    contents: [
      ...teamNetworkPolicies(team, profiles).map(({ name, spec, profiles: from }) => {
        const annotations = from.length === 0 ? {} : { annotations: { [ANNOTATIONS.networkProfiles]: from.join(' ') } };
        return inside(RESOURCES.networkPolicies, 'networking.k8s.io/v1', name, { spec }, annotations);
      }),
      ...(team.spec.machines ?? []).map(({ name }) => machineAccount(team, name)),
      ...roles().flatMap(([role, rules]) => {
        const name = `streamspace-team-${role}`;
        const subjects = subjectsOf(team, role);
        const roleRef = { apiGroup: RBAC, kind: 'Role', name };
        const binding = inside(RESOURCES.roleBindings, `${RBAC}/v1`, name, { roleRef, subjects });
        return [inside(RESOURCES.roles, `${RBAC}/v1`, name, { rules }), ...(subjects.length === 0 ? [] : [binding])];
      }),
    ],
  };
}

export function teamLabels(team: Team): Readonly<Record<string, string>> {
  return { [LABELS.team]: team.metadata.name, [LABELS.managedBy]: MANAGED_BY };
}

function namespaceManifest(team: Team, created: boolean): KubeObjectJson {
  const security = Object.fromEntries(
    ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
  );
  const annotations = created ? { [ANNOTATIONS.createdFor]: team.metadata.uid ?? '' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: teamNamespace(team), labels: { ...teamLabels(team), ...security }, annotations },
  };
}

function roles(): readonly (readonly [TeamRole, (typeof TEAM_ROLE_RULES)[TeamRole]])[] {
  return (['admin', 'member', 'viewer', 'auditor'] as const).map((role) => [role, TEAM_ROLE_RULES[role]] as const);
}

/** Nothing that runs in the namespace gets its token unless it asks for one. */
function machineAccount(team: Team, machine: string): Wanted {
  return {
    resource: RESOURCES.serviceAccounts,
    mode: 'keep',
    manifest: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: machineServiceAccount(machine),
        namespace: teamNamespace(team),
        labels: { ...teamLabels(team), [LABELS.machine]: machine },
      },
      automountServiceAccountToken: false,
    },
  };
}

interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  readonly apiGroup?: string;
  readonly namespace?: string;
}

/**
 * One binding a role, however many people: its subjects are sorted, so the order in Git means nothing. A machine has the role as the
 * user that the gateway acts as, and as the ServiceAccount that kubectl comes as.
 */
function subjectsOf(team: Team, role: TeamRole): readonly Subject[] {
  const { members = [], machines = [] } = team.spec;
  const subjects = new Map<string, Subject>();
  const add = (subject: Subject): unknown => subjects.set(`${subject.kind} ${subject.name}`, subject);
  for (const { user, group, role: given } of members) {
    if (given !== role) continue;
    if (user !== undefined) add({ apiGroup: RBAC, kind: 'User', name: kubernetesUser(user) });
    if (group !== undefined) add({ apiGroup: RBAC, kind: 'Group', name: `${GROUP_PREFIX}${group}` });
  }
  for (const { name, role: given } of machines) {
    if (given !== role) continue;
    add({ apiGroup: RBAC, kind: 'User', name: kubernetesUser(machineUser({ team: team.metadata.name, machine: name })) });
    add({ kind: 'ServiceAccount', name: machineServiceAccount(name), namespace: teamNamespace(team) });
  }
  return [...subjects].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, subject]) => subject);
}
