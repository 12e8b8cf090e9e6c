// RBAC objects as values: a role with its binding, so that neither is written without the other.
import type { KubeObjectJson } from '../runtime/kube/types.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../schemas/names.ts';
import type { PolicyRule } from '../schemas/rights.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
export const MANAGED = { [LABELS.managedBy]: 'streamspace' } as const;

export type Subject =
  | { readonly kind: 'Group'; readonly name: string; readonly apiGroup: typeof RBAC_GROUP }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

export const group = (name: string): Subject => ({ kind: 'Group', name, apiGroup: RBAC_GROUP });
export const serviceAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: SYSTEM_NAMESPACE });

export function clusterRole(name: string, rules: readonly PolicyRule[], subject: Subject): readonly KubeObjectJson[] {
  return [
    { apiVersion: `${RBAC_GROUP}/v1`, kind: 'ClusterRole', metadata: { name, labels: MANAGED }, rules },
    clusterRoleBinding(name, name, subject),
  ];
}

export function clusterRoleBinding(name: string, role: string, subject: Subject): KubeObjectJson {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: MANAGED },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}

/** In the system namespace. */
export function role(name: string, rules: readonly PolicyRule[], subject: Subject): readonly KubeObjectJson[] {
  const metadata = { name, namespace: SYSTEM_NAMESPACE, labels: MANAGED };
  return [
    { apiVersion: `${RBAC_GROUP}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name },
      subjects: [subject],
    },
  ];
}
