// The words that an AccessRole is written in: our verbs on our kinds, and what the seed roles read beside them. What is not here
// cannot be granted through an AccessRole: rights that lead to further rights (roles, bindings, GitSyncs, Teams) are read only.
// One may be asked about more than that: about whatever a role that comes with StreamSpace has.
import { API_GROUP } from './names.ts';
import type { PolicyRule } from './rights.ts';

const READ = ['get', 'list', 'watch'] as const;
const WRITE = ['create', 'update', 'patch', 'delete'] as const;

/** Which verbs an AccessRole may name, by resource. */
export const ACCESS_VOCABULARY = {
  sessions: [...READ, ...WRITE, 'connect', 'observe', 'control', 'exec', 'assign'],
  templates: [...READ, ...WRITE],
  dlppolicies: [...READ, ...WRITE],
  recordingpolicies: [...READ, ...WRITE],
  sessionpolicies: [...READ, ...WRITE],
  signinpolicies: [...READ, ...WRITE],
  networkprofiles: [...READ, ...WRITE],
  quotas: [...READ, ...WRITE],
  recordings: ['get', 'list', 'hold', 'delete'],
  auditevents: ['list'],
  machines: ['list', 'update'],
  people: ['get', 'list', 'update', 'delete'],
  health: ['get'],
  changerequests: [...READ, 'create', 'patch', 'approve'],
  // Whoever writes a GitSync may do whatever any service account beside it may.
  gitsyncs: [...READ],
  teams: [...READ],
  // Whoever writes the first says who anybody is; whoever writes the second, what is kept of his own doings.
  identityproviders: [...READ],
  auditpolicies: [...READ],
  accessroles: [...READ],
  accessbindings: [...READ],
  sessionshares: [...READ],
  pods: [...READ],
  'pods/log': [...READ],
  persistentvolumeclaims: [...READ],
  events: [...READ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type AccessResource = keyof typeof ACCESS_VOCABULARY;

export const ACCESS_RESOURCES = Object.keys(ACCESS_VOCABULARY) as [AccessResource, ...AccessResource[]];

export const ACCESS_VERBS = [
  ...READ,
  ...WRITE,
  'connect',
  'observe',
  'control',
  'exec',
  'assign',
  'hold',
  'approve',
] as const satisfies readonly (typeof ACCESS_VOCABULARY)[AccessResource][number][];

const GROUPS: Readonly<Partial<Record<AccessResource, readonly string[]>>> = {
  pods: [''],
  'pods/log': [''],
  persistentvolumeclaims: [''],
  events: ['', 'events.k8s.io'],
};

/** The workings of the cluster, which the roles of the platform read, with their API group. No AccessRole can name them. */
const ASKED_BESIDE = {
  namespaces: '',
  services: '',
  serviceaccounts: '',
  configmaps: '',
  nodes: '',
  statefulsets: 'apps',
  deployments: 'apps',
  daemonsets: 'apps',
  replicasets: 'apps',
  jobs: 'batch',
  cronjobs: 'batch',
  networkpolicies: 'networking.k8s.io',
  roles: 'rbac.authorization.k8s.io',
  rolebindings: 'rbac.authorization.k8s.io',
} as const satisfies Readonly<Record<string, string>>;

export type AskedResource = AccessResource | keyof typeof ASKED_BESIDE;

/** What "why may he do that?" can be asked about: each resource that a role gives, and each verb. */
export const ASKED_RESOURCES = [...ACCESS_RESOURCES, ...Object.keys(ASKED_BESIDE)] as [AskedResource, ...AskedResource[]];
/** Of `grant` no AccessRole can say anything: who gives roles is said by those that come with StreamSpace. */
export const ASKED_VERBS = [...ACCESS_VERBS, 'grant'] as const;

function isBeside(resource: AskedResource): resource is keyof typeof ASKED_BESIDE {
  return Object.hasOwn(ASKED_BESIDE, resource);
}

export function groupsOfResource(resource: AskedResource): readonly string[] {
  return isBeside(resource) ? [ASKED_BESIDE[resource]] : (GROUPS[resource] ?? [API_GROUP]);
}

/** Everything that AccessRoles can grant together. */
export const VOCABULARY_RULES: readonly PolicyRule[] = ACCESS_RESOURCES.map((resource) => ({
  apiGroups: groupsOfResource(resource),
  resources: [resource],
  verbs: ACCESS_VOCABULARY[resource],
}));
