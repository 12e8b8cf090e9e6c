// The roles and their rights, in one table. The chart (platform roles), the Team reconciler (team roles), the Session
// reconciler (owner) and the docs page are made from it. RBAC of the cluster decides; nothing here is asked at run time.
import { API_GROUP } from './names.ts';

/** A PolicyRule of rbac.authorization.k8s.io/v1. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const READ = ['get', 'list', 'watch'] as const;
const WRITE = ['create', 'update', 'patch', 'delete'] as const;
/** Everybody may know what he can launch, and by which rules he works. */
const RULES_FOR_ALL = [
  'templates',
  'dlppolicies',
  'recordingpolicies',
  'sessionpolicies',
  'signinpolicies',
  'networkprofiles',
] as const;
/**
 * Recordings are no objects of the cluster; the gateway asks about them as if they were. `list` is to know of them, `get` to watch
 * them, `hold` and `delete` are what they say. Owners and participants need neither for their own. Machines are no objects either:
 * `list` is to see their API keys, `update` to make, replace and revoke them.
 */
const RECORDINGS: PolicyRule = { apiGroups: [API_GROUP], resources: ['recordings'], verbs: ['get', 'list'] };
/**
 * Whoever asks for a change, and whoever says something of it, writes it himself; admission sees to it that each adds what is his own
 * alone (deploy/change-admission.ts). `approve` is the right to say whether it is merged.
 */
const ASK_FOR_CHANGES = { apiGroups: [API_GROUP], resources: ['changerequests'], verbs: [...READ, 'create', 'patch'] } as const;
const APPROVE_CHANGES = {
  apiGroups: [API_GROUP],
  resources: ['changerequests'],
  verbs: [...READ, 'create', 'patch', 'approve'],
} as const;
const READ_CHANGES = { apiGroups: [API_GROUP], resources: ['changerequests'], verbs: [...READ] } as const;
const EVENTS: PolicyRule = { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: [...READ] };

/**
 * Who may give roles: as in RBAC with `bind`, it takes the right `grant` on the role beside that to write the binding. In a team it
 * reaches as far as this role itself; admission and the reconciler of AccessBindings see to that.
 */
export const TEAM_DELEGATION_RULES = [
  { apiGroups: [API_GROUP], resources: ['accessbindings'], verbs: [...WRITE] },
  { apiGroups: [API_GROUP], resources: ['accessroles'], verbs: ['grant'] },
] as const satisfies readonly PolicyRule[];
const BINDINGS: PolicyRule = { apiGroups: [API_GROUP], resources: ['accessbindings'], verbs: [...READ] };

/** Rights in the team's namespace (a Role each, bound to the team's members). */
export const TEAM_ROLE_RULES = {
  /** Manages templates, policies and sessions of the team, sees and controls every stream, opens consoles. */
  admin: [
    {
      apiGroups: [API_GROUP],
      resources: ['sessions'],
      verbs: [...READ, ...WRITE, 'connect', 'observe', 'control', 'exec', 'assign'],
    },
    // A policy of a team can only be stricter than those above it: the most restrictive wins.
    { apiGroups: [API_GROUP], resources: [...RULES_FOR_ALL, 'quotas'], verbs: [...READ, ...WRITE] },
    RECORDINGS,
    { apiGroups: [API_GROUP], resources: ['machines'], verbs: ['list', 'update'] },
    { apiGroups: [''], resources: ['pods', 'pods/log', 'persistentvolumeclaims'], verbs: [...READ] },
    EVENTS,
    BINDINGS,
    APPROVE_CHANGES,
    ...TEAM_DELEGATION_RULES,
  ],
  /** Starts sessions; what he may do with his own comes from {@link SESSION_OWNER_VERBS}. */
  member: [
    { apiGroups: [API_GROUP], resources: ['sessions'], verbs: [...READ, 'create'] },
    { apiGroups: [API_GROUP], resources: [...RULES_FOR_ALL, 'quotas'], verbs: [...READ] },
    ASK_FOR_CHANGES,
    EVENTS,
  ],
  /** Reads, looks on at streams without input, and asks for changes. */
  viewer: [
    { apiGroups: [API_GROUP], resources: ['sessions'], verbs: [...READ, 'connect', 'observe'] },
    { apiGroups: [API_GROUP], resources: [...RULES_FOR_ALL, 'quotas'], verbs: [...READ] },
    // Also to become a member: asking gives nothing.
    ASK_FOR_CHANGES,
  ],
  /** Reads what is there and what happened, and watches recordings; no streams. */
  auditor: [
    { apiGroups: [API_GROUP], resources: ['sessions', ...RULES_FOR_ALL, 'quotas'], verbs: [...READ] },
    READ_CHANGES,
    RECORDINGS,
    { apiGroups: [API_GROUP], resources: ['machines'], verbs: ['list'] },
    EVENTS,
    BINDINGS,
  ],
} as const satisfies Record<string, readonly PolicyRule[]>;

/** What the owner of a session may do with it: a Role on that one name, made by the Session reconciler. */
export const SESSION_OWNER_VERBS = ['get', 'update', 'patch', 'delete', 'connect', 'observe', 'control', 'exec'] as const;

/** Rights on the whole platform (ClusterRoles, bound to groups of the identity provider). */
export const PLATFORM_ROLE_RULES = {
  platformAdmin: [
    { apiGroups: [API_GROUP], resources: ['*'], verbs: ['*'] },
    {
      apiGroups: [''],
      resources: [
        'namespaces',
        'pods',
        'pods/log',
        'persistentvolumeclaims',
        'services',
        'serviceaccounts',
        'configmaps',
        'nodes',
      ],
      verbs: [...READ],
    },
    { apiGroups: ['apps'], resources: ['statefulsets', 'deployments', 'daemonsets', 'replicasets'], verbs: [...READ] },
    { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: [...READ] },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: [...READ] },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: [...READ] },
    EVENTS,
  ],
  auditor: [
    { apiGroups: [API_GROUP], resources: ['*'], verbs: [...READ] },
    // Evidence is kept by those who look into things; only platform admins may delete it.
    { apiGroups: [API_GROUP], resources: ['recordings', 'auditevents'], verbs: ['hold'] },
    { apiGroups: [''], resources: ['namespaces'], verbs: [...READ] },
    EVENTS,
  ],
} as const satisfies Record<string, readonly PolicyRule[]>;

/** Of everybody who is signed in: the templates and policies of the system namespace (a Role there). */
export const AUTHENTICATED_RULES: readonly PolicyRule[] = [
  { apiGroups: [API_GROUP], resources: RULES_FOR_ALL, verbs: [...READ] },
];
