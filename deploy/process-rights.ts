// What the two processes may do as themselves. Everything for a person is done as that person, everything from Git as the
// service account of its GitSync.
import { VOCABULARY_RULES } from '../schemas/access-vocabulary.ts';
import { API_GROUP, INSTALLATION_NOTES } from '../schemas/names.ts';
import { type PolicyRule, SESSION_OWNER_VERBS, TEAM_ROLE_RULES } from '../schemas/rights.ts';
import { SEED_ROLES } from '../schemas/seed-roles.ts';

const READ = ['get', 'list', 'watch'] as const;
const OURS = [
  'gitsyncs',
  'teams',
  'sessions',
  'templates',
  'dlppolicies',
  'recordingpolicies',
  'sessionpolicies',
  'signinpolicies',
  'networkprofiles',
  'sessionshares',
  'changerequests',
  'quotas',
  'accessroles',
  'accessbindings',
  'identityproviders',
  'auditpolicies',
] as const;
const WRITE = ['create', 'update', 'patch', 'delete'] as const;

/**
 * RBAC lets nobody grant what he does not hold, so the controller holds what the Roles of teams and of session owners grant, and
 * what AccessRoles can say.
 * That needs neither `escalate` nor `bind`, and a Role with a further right is refused by the API server.
 */
const GRANTED: readonly PolicyRule[] = [
  ...Object.values(TEAM_ROLE_RULES).flat(),
  { apiGroups: [API_GROUP], resources: ['sessions'], verbs: SESSION_OWNER_VERBS },
  ...VOCABULARY_RULES,
];

export const CONTROLLER_RULES: readonly PolicyRule[] = [
  // A GitSync manages objects of any kind, in Git today or tomorrow, and drift is found by watching each of them (metadata only,
  // but RBAC knows no such difference). Reading everything is what that costs; writing is not part of it.
  { apiGroups: ['*'], resources: ['*'], verbs: READ },
  // Plans and applies as the service account that a GitSync names. RBAC cannot say "in the same namespace": the reconciler does.
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },

  { apiGroups: [API_GROUP], resources: OURS, verbs: ['update', 'patch'] },
  {
    apiGroups: [API_GROUP],
    resources: OURS.map((plural) => `${plural}/status`),
    verbs: ['update', 'patch'],
  },
  {
    apiGroups: [API_GROUP],
    resources: OURS.map((plural) => `${plural}/finalizers`),
    verbs: ['update'],
  },

  // Teams: a namespace each, with its rights and its network policies.
  { apiGroups: [''], resources: ['namespaces'], verbs: WRITE },
  // A ServiceAccount for each machine of a team.
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: WRITE },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: WRITE },
  // AccessRoles, and AccessBindings for the whole platform. The roles of the platform are more than it holds; it may bind these two.
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles', 'clusterrolebindings'], verbs: WRITE },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles'],
    resourceNames: [SEED_ROLES['platform-admin'].clusterRole, SEED_ROLES.auditor.clusterRole],
    verbs: ['bind'],
  },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: WRITE },
  ...GRANTED,

  // Sessions: home, password, address and desktop. A pod that hangs is deleted; the StatefulSet makes the next.
  { apiGroups: [''], resources: ['persistentvolumeclaims', 'secrets', 'services'], verbs: WRITE },
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: WRITE },
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },

  // What is over is kept for a while, so that whoever opens it reads why.
  { apiGroups: [API_GROUP], resources: ['sessionshares', 'changerequests'], verbs: ['delete'] },

  // What was merged and is not healthy is asked to be undone, where its GitSync says so.
  { apiGroups: [API_GROUP], resources: ['changerequests'], verbs: ['create'] },

  // Whether whoever has approved a pull request at a forge has the right to.
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },

  // The inventory of a GitSync lies beside it, in whatever namespace that is.
  { apiGroups: [''], resources: ['configmaps'], verbs: WRITE },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'update', 'patch'] },
];

/** In the system namespace: the lease that says which controller is active. */
export const CONTROLLER_SYSTEM_RULES: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: WRITE },
];

export const GATEWAY_RULES: readonly PolicyRule[] = [
  // Every request of a person is made as that person. RBAC knows no prefixes, so it cannot say "only streamspace:user:…", and
  // admission never learns who impersonates; docs/reference/rights.md says what stands in for it.
  { apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  // Machines come with a token of their ServiceAccount: whose it is the API server says, and whether the account is still there.
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: READ },
  // One watch for everybody; what a person gets from it is decided per person by a review.
  { apiGroups: [API_GROUP], resources: OURS, verbs: READ },
  // Shares are made by the gateway alone, after it has judged who may: nobody else has the right, and admission says so too.
  { apiGroups: [API_GROUP], resources: ['sessionshares'], verbs: ['create', 'patch'] },
  { apiGroups: [API_GROUP], resources: ['sessionshares/status'], verbs: ['patch'] },
  // When people last used a session; the rest of its status is the controller's.
  { apiGroups: [API_GROUP], resources: ['sessions/status'], verbs: ['patch'] },
  // The audit log is sent to the sinks of AuditPolicies from here; how far each is stands in the status.
  { apiGroups: [API_GROUP], resources: ['auditpolicies/status'], verbs: ['patch'] },
  // The password of a desktop, or what a sink of the audit log asks for, by the name in the status of its session; never a list.
  { apiGroups: [''], resources: ['secrets', 'pods'], verbs: ['get'] },
  // Files and consoles go through the container of the desktop. Which containers is said by admission (gateway-exec): RBAC knows no labels.
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
];

/** In the system namespace: the leases that say which replica records a session, and the CPU hours of sessions that are deleted. */
export const GATEWAY_SYSTEM_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: READ },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', ...WRITE] },
  // What the installation is known not to do, for the health page.
  { apiGroups: [''], resources: ['configmaps'], resourceNames: [INSTALLATION_NOTES], verbs: ['get'] },
];
