// The resources our code names itself. Everything else comes from discovery (mapper.ts).
import { API_GROUP, API_VERSION } from '../../schemas/names.ts';
import type { Resource } from './types.ts';

function namespaced(group: string, version: string, plural: string, kind: string): Resource {
  return { group, version, plural, kind, namespaced: true };
}

function clusterWide(group: string, version: string, plural: string, kind: string): Resource {
  return { group, version, plural, kind, namespaced: false };
}

export const RESOURCES = {
  gitSyncs: namespaced(API_GROUP, API_VERSION, 'gitsyncs', 'GitSync'),
  templates: namespaced(API_GROUP, API_VERSION, 'templates', 'Template'),
  teams: clusterWide(API_GROUP, API_VERSION, 'teams', 'Team'),
  sessions: namespaced(API_GROUP, API_VERSION, 'sessions', 'Session'),
  dlpPolicies: namespaced(API_GROUP, API_VERSION, 'dlppolicies', 'DlpPolicy'),
  recordingPolicies: namespaced(API_GROUP, API_VERSION, 'recordingpolicies', 'RecordingPolicy'),
  sessionPolicies: namespaced(API_GROUP, API_VERSION, 'sessionpolicies', 'SessionPolicy'),
  signInPolicies: namespaced(API_GROUP, API_VERSION, 'signinpolicies', 'SignInPolicy'),
  networkProfiles: namespaced(API_GROUP, API_VERSION, 'networkprofiles', 'NetworkProfile'),
  sessionShares: namespaced(API_GROUP, API_VERSION, 'sessionshares', 'SessionShare'),
  changeRequests: namespaced(API_GROUP, API_VERSION, 'changerequests', 'ChangeRequest'),
  quotas: namespaced(API_GROUP, API_VERSION, 'quotas', 'Quota'),
  accessRoles: clusterWide(API_GROUP, API_VERSION, 'accessroles', 'AccessRole'),
  accessBindings: namespaced(API_GROUP, API_VERSION, 'accessbindings', 'AccessBinding'),
  identityProviders: namespaced(API_GROUP, API_VERSION, 'identityproviders', 'IdentityProvider'),
  auditPolicies: clusterWide(API_GROUP, API_VERSION, 'auditpolicies', 'AuditPolicy'),

  namespaces: clusterWide('', 'v1', 'namespaces', 'Namespace'),
  nodes: clusterWide('', 'v1', 'nodes', 'Node'),
  pods: namespaced('', 'v1', 'pods', 'Pod'),
  secrets: namespaced('', 'v1', 'secrets', 'Secret'),
  configMaps: namespaced('', 'v1', 'configmaps', 'ConfigMap'),
  services: namespaced('', 'v1', 'services', 'Service'),
  serviceAccounts: namespaced('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  persistentVolumeClaims: namespaced('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  persistentVolumes: clusterWide('', 'v1', 'persistentvolumes', 'PersistentVolume'),
  events: namespaced('', 'v1', 'events', 'Event'),
  statefulSets: namespaced('apps', 'v1', 'statefulsets', 'StatefulSet'),
  replicaSets: namespaced('apps', 'v1', 'replicasets', 'ReplicaSet'),
  jobs: namespaced('batch', 'v1', 'jobs', 'Job'),
  roles: namespaced('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  roleBindings: namespaced('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  clusterRoles: clusterWide('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole'),
  clusterRoleBindings: clusterWide('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding'),
  networkPolicies: namespaced('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  leases: namespaced('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  customResourceDefinitions: clusterWide('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition'),
} as const satisfies Record<string, Resource>;
