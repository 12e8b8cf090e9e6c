// The words that an AccessRole is written in: our verbs on our kinds, and what the seed roles read beside them. What is not here
// cannot be granted through an AccessRole: rights that lead to further rights (roles, bindings, GitSyncs, Teams) are read only.
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
  recordings: ['get', 'list', 'hold', 'delete'],
  auditevents: ['list'],
  machines: ['list', 'update'],
  people: ['get', 'list', 'update', 'delete'],
  health: ['get'],
  changerequests: [...READ, 'create', 'patch', 'approve'],
  // Whoever writes a GitSync may do whatever any service account beside it may.
  gitsyncs: [...READ],
  teams: [...READ],
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

export function groupsOfResource(resource: AccessResource): readonly string[] {
  return GROUPS[resource] ?? [API_GROUP];
}

/** Everything that AccessRoles can grant together. */
export const VOCABULARY_RULES: readonly PolicyRule[] = ACCESS_RESOURCES.map((resource) => ({
  apiGroups: groupsOfResource(resource),
  resources: [resource],
  verbs: ACCESS_VOCABULARY[resource],
}));
