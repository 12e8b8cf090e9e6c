// What an API server has to write to its audit log so that changes past StreamSpace are in ours: deploy/kubernetes-audit-policy.yaml
// for a cluster, and a part of the policy of the local one.
import { API_GROUP } from '../schemas/names.ts';

const CHANGES = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;

export const KUBERNETES_AUDIT_RULES = [
  // Written by controllers all the time, and by nobody else.
  { level: 'None', verbs: CHANGES, resources: [{ group: API_GROUP, resources: ['*/status'] }] },
  // With the object, for the changed fields.
  { level: 'RequestResponse', verbs: CHANGES, resources: [{ group: API_GROUP }] },
  // Without: nothing of a Secret leaves the API server.
  {
    level: 'Metadata',
    verbs: CHANGES,
    resources: [
      { group: '', resources: ['secrets', 'namespaces'] },
      { group: 'rbac.authorization.k8s.io', resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'] },
      { group: 'networking.k8s.io', resources: ['networkpolicies'] },
      { group: 'apiextensions.k8s.io', resources: ['customresourcedefinitions'] },
    ],
  },
  // Ways into a container; a WebSocket is asked for with `get`.
  {
    level: 'Metadata',
    verbs: ['get', 'create', 'patch', 'update'],
    resources: [{ group: '', resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/ephemeralcontainers'] }],
  },
] as const;

export const KUBERNETES_AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    // The cluster's own upkeep.
    { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler'] },
    { level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'] },
    ...KUBERNETES_AUDIT_RULES,
    { level: 'None' },
  ],
} as const;
