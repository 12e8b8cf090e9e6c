// The storage class of the local cluster, and the rights of the process that makes its volumes. Applied at every start.
import type { KubeObjectJson } from '../../runtime/kube/types.ts';

export const LOCAL_STORAGE_CLASS = 'streamspace-local';
export const LOCAL_PROVISIONER = 'streamspace.io/local-volume';
const ROLE = 'streamspace-volume-provisioner';

export function storageManifests(): readonly KubeObjectJson[] {
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: LOCAL_STORAGE_CLASS, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: LOCAL_PROVISIONER,
      reclaimPolicy: 'Delete',
      // There is one node to choose from. Waiting for a consumer would cost each first start a second: the scheduler looks
      // at a volume that it has asked for once a second only.
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: false,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: ROLE },
      rules: [
        { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'watch', 'create', 'delete'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: ROLE },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ROLE },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'streamspace:volume-provisioner' }],
    },
  ];
}
