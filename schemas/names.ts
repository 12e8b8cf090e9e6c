// Names that more than one part relies on: API group, labels, annotations, finalizers, prefixes. Written once, here.

export const API_GROUP = 'streamspace.io';
export const API_VERSION = 'v1alpha1';
export const API_GROUP_VERSION = `${API_GROUP}/${API_VERSION}`;

/** Holds what is platform-wide: GitSyncs, templates for everybody, the service accounts of the parts. */
export const SYSTEM_NAMESPACE = 'streamspace';

/** The field manager of everything that a GitSync applies. */
export const SYNC_FIELD_MANAGER = 'streamspace-sync';
/** The field manager of what the reconcilers of Team and Session make. */
export const CONTROLLER_FIELD_MANAGER = 'streamspace-controller';
/** The field manager of `status.effectivePolicy` of a Session alone. */
export const POLICY_FIELD_MANAGER = 'streamspace-policy';
/** The field manager of `status.lifetime` of a Session and its condition `EndsSoon`. */
export const LIFETIME_FIELD_MANAGER = 'streamspace-lifetime';
/** The field manager of what people change through the API. */
export const GATEWAY_FIELD_MANAGER = 'streamspace-gateway';

/** The value of the label `managedBy` on what the reconcilers of Team and Session make. */
export const MANAGED_BY = 'streamspace';

/** In the system namespace: whose holder is the active controller. */
export const CONTROLLER_LEASE = 'streamspace-controller';
/** In the system namespace, a ConfigMap: what an installation does not do, by error code, as whoever installed it knows. */
export const INSTALLATION_NOTES = 'streamspace-installation-notes';

/** The ConfigMap in the system namespace with what the last probe of the network has found: the controller writes it, the health page reads it. */
export const NETWORK_PROBE = 'streamspace-network-probe';

/** The service account of a GitSync that names none. */
export const DEFAULT_SYNC_SERVICE_ACCOUNT = 'streamspace-sync';

export const LABELS = {
  /** On every object that a GitSync applied: `<namespace>.<name>` when it fits 63 characters, else a hash of it. */
  gitSync: 'streamspace.io/gitsync',
  /** On a team's namespace and on what the Team reconciler makes: the team's name. */
  team: 'streamspace.io/team',
  /** On what the Session reconciler makes: the session's name. */
  session: 'streamspace.io/session',
  /** On the ClusterRole of an AccessRole: the role's name. */
  accessRole: 'streamspace.io/access-role',
  /** On what the AccessBinding reconciler makes: the UID of the binding. */
  accessBinding: 'streamspace.io/access-binding',
  /** On the ServiceAccount of a machine: its name in the team. */
  machine: 'streamspace.io/machine',
  /** On the ConfigMaps with the CPU hours of deleted sessions: the month. */
  usage: 'streamspace.io/usage',
  /** `controller`, `gateway` or `desktop`. */
  component: 'streamspace.io/component',
  /** On the pod of a desktop: the NetworkProfile that its template named at the start. */
  network: 'streamspace.io/network',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

export const ANNOTATIONS = {
  /** The owner mark, in full: `<namespace>/<name>` of the GitSync. An object without it is not pruned. */
  gitSync: 'streamspace.io/gitsync',
  /** On a namespace: what every GitSync in it may touch, as JSON with the fields of `spec.allow`. It narrows, it never widens. */
  allow: 'streamspace.io/allow',
  /** On a GitSync: any new value asks for a sync now (an RFC 3339 time by convention). */
  syncRequestedAt: 'streamspace.io/sync-requested-at',
  /** Beside it: `<the value of sync-requested-at> <Kubernetes user>`. The API server lets nobody write another's name. */
  syncRequestedBy: 'streamspace.io/sync-requested-by',
  /** On a GitSync: the revision whose deletions somebody confirmed. */
  confirmDeletions: 'streamspace.io/confirm-deletions',
  /** Beside it: `<the revision> <Kubernetes user>`, under the same rule. */
  deletionsConfirmedBy: 'streamspace.io/deletions-confirmed-by',
  /** On an object in Git: a whole number. A wave is applied once everything of the waves before it is healthy. Default 0. */
  wave: 'streamspace.io/wave',
  /** On an object in Git: `group/kind/namespace/name, ...` of the same set, which have to be healthy before it is applied. */
  dependsOn: 'streamspace.io/depends-on',
  /**
   * On an object in Git that leaves it: `disabled` keeps it, `confirm` deletes it only when that revision is confirmed, `last`
   * deletes it once everything else is deleted and what stays is healthy.
   */
  prune: 'streamspace.io/prune',
  /** On an object of a cdk8s app: `spec=values/quotas.yaml#web, ...`, the parts of it that a values file says (cdk8s/values.ts). */
  values: 'streamspace.io/values',
  /** On an object in Git: `"true"` lets a sync replace it when an immutable field changes. */
  replace: 'streamspace.io/replace',
  /** On an object in Git: `IfAbsent` creates it once and then leaves it alone. */
  apply: 'streamspace.io/apply',
  /** On a Lease of the sync: into how many shards its holder cuts the work. */
  shards: 'streamspace.io/shards',
  /** On what the reconcilers of Team and Session make: a fingerprint of what they last wanted it to be. */
  applied: 'streamspace.io/applied',
  /** On a NetworkPolicy of a team: `namespace/name` of each NetworkProfile that it comes from, with spaces between. */
  networkProfiles: 'streamspace.io/network-profiles',
  /** On a namespace that the controller made: the UID of the Team it was made for. It goes with that Team. */
  createdFor: 'streamspace.io/created-for',
} as const;

export const FINALIZERS = {
  gitSync: 'streamspace.io/gitsync',
  team: 'streamspace.io/team',
  session: 'streamspace.io/session',
  accessBinding: 'streamspace.io/access-binding',
} as const;

/** The container of a desktop in the pod of its session, and where the home is in it. */
export const DESKTOP_CONTAINER = 'desktop';
export const DESKTOP_HOME = '/home/user';

/** Every impersonated name carries our prefix, so that nobody can become a Kubernetes system user or group. */
export const USER_PREFIX = 'streamspace:user:';
export const GROUP_PREFIX = 'streamspace:group:';
/**
 * People and groups of the provider of the settings by their name, those of an IdentityProvider as `<provider>:<name>`. Providers give no
 * colon, so neither is ever taken for another.
 */
export const SUBJECT_NAME = /^([a-z0-9][-a-z0-9]{0,31}:)?[^\s:]+$/;

/** Whoever asks where nobody does: the controller, by policy. Admission lets it alone say so. */
export const SYSTEM_REQUESTER = 'system:streamspace';

/** Its people come past every provider (`break-glass:NAME`). */
export const BREAK_GLASS = 'break-glass';
export const BREAK_GLASS_PREFIX = `${BREAK_GLASS}:`;

/** Machines of teams are users of ours as well, as `machine:<team>.<name>`. */
export const MACHINE = 'machine';
export const MACHINE_PREFIX = `${MACHINE}:`;
/** How long the name of a machine may be, and of a team with machines: together they are a name of 128 characters at most. */
export const MACHINE_NAME_MAX = 40;
export const MACHINE_TEAM_MAX = 79;
/** What a token of a service account has to be made for, so that one of another use opens nothing here. */
export const TOKEN_AUDIENCE = 'streamspace';

export interface MachineName {
  readonly team: string;
  readonly machine: string;
}

export function machineUser({ team, machine }: MachineName): string {
  return `${MACHINE_PREFIX}${team}.${machine}`;
}

/** `undefined` for whoever is no machine. A team may have dots in its name, a machine has none. */
export function machineOf(user: string): MachineName | undefined {
  const [, team, machine] = /^machine:(.+)\.([^.]+)$/.exec(user) ?? [];
  return team === undefined || machine === undefined ? undefined : { team, machine };
}

/** Behind these may be whoever has their key or password, so that they are nobody's second pair of eyes. */
export const IMPERSONAL_PREFIXES: readonly string[] = [MACHINE_PREFIX, BREAK_GLASS_PREFIX];

/** Whether one human being stands behind a name. */
export function isPersonal(user: string): boolean {
  return !IMPERSONAL_PREFIXES.some((prefix) => user.startsWith(prefix));
}

/** The ServiceAccount of a machine, in the namespace of its team. */
export function machineServiceAccount(machine: string): string {
  return `machine-${machine}`;
}

/** What the provider of the settings is called where providers are named. No IdentityProvider may be called so. */
export const SETTINGS_PROVIDER = 'settings';

export function subjectOf(provider: string | undefined, name: string): string {
  return provider === undefined ? name : `${provider}:${name}`;
}

/** The IdentityProvider of a person or group, `undefined`: the provider of the settings. */
export function providerOf(subject: string): string | undefined {
  const at = subject.indexOf(':');
  return at < 0 ? undefined : subject.slice(0, at);
}

/** A group of every signed-in person. */
export const AUTHENTICATED_GROUP = 'streamspace:authenticated';
/** Directory groups (as the identity provider calls them) that the chart binds to platform roles. */
export const PLATFORM_ADMINS_GROUP = 'platform-admins';
export const AUDITORS_GROUP = 'auditors';

/** How the ClusterRoles and ClusterRoleBindings begin that the controller makes. */
export const CLUSTER_RIGHTS_PREFIX = 'streamspace:';

export function kubernetesUser(person: string): string {
  return `${USER_PREFIX}${person}`;
}

export function kubernetesGroups(groups: readonly string[]): readonly string[] {
  return [...groups.map((group) => `${GROUP_PREFIX}${group}`), AUTHENTICATED_GROUP];
}

/** The person of a Kubernetes user of ours; any other user as it is. */
export function personOf(user: string): string {
  return user.startsWith(USER_PREFIX) ? user.slice(USER_PREFIX.length) : user;
}

/** The value of `sync-requested-by` and `deletions-confirmed-by`: bound to what was asked, so that it cannot name a later wish. */
export function requestedBy(subject: string, user: string): string {
  return `${subject} ${user}`;
}

/** The Kubernetes user, or `undefined` when the annotation was written for another wish. */
export function requestedByOf(annotation: string | undefined, subject: string): string | undefined {
  return annotation?.startsWith(`${subject} `) === true ? annotation.slice(subject.length + 1) : undefined;
}
