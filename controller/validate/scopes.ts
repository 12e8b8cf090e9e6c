// Which kinds are cluster-wide: what Kubernetes and we bring, and what CustomResourceDefinitions of the same set say.
import { KINDS } from '../../schemas/kinds/all.ts';
import { API_GROUP } from '../../schemas/names.ts';
import { groupOf, type Manifest } from '../render/manifest.ts';
import { at, textAt } from '../render/yaml/json.ts';

export type Scope = 'Namespaced' | 'Cluster';

/** `group/kind` to its scope; without the version, which never changes it. */
export type Scopes = ReadonlyMap<string, Scope>;

const CLUSTER_WIDE: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace', 'Node', 'PersistentVolume'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IngressClass', 'IPAddress', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
};

const BUILT_IN: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ...Object.entries(CLUSTER_WIDE).flatMap(([group, kinds]) => kinds.map((kind) => [`${group}/${kind}`, 'Cluster'] as const)),
  ...KINDS.map(({ kind, scope }) => [`${API_GROUP}/${kind}`, scope] as const),
]);

/** What the set itself defines. */
export function scopesOfSet(manifests: readonly Manifest[]): Scopes {
  const scopes = new Map<string, Scope>();
  for (const { apiVersion, kind, object } of manifests) {
    if (kind !== 'CustomResourceDefinition' || groupOf(apiVersion) !== 'apiextensions.k8s.io') continue;
    const group = textAt(object, 'spec', 'group') ?? '';
    const defined = textAt(object, 'spec', 'names', 'kind') ?? '';
    scopes.set(`${group}/${defined}`, at(object, 'spec', 'scope') === 'Cluster' ? 'Cluster' : 'Namespaced');
  }
  return scopes;
}

/** The API server's answer first, then the set's, then the table; a kind that nobody knows is taken for namespaced. */
export function scopeOf(apiVersion: string, kind: string, served: Scopes, ofSet: Scopes): Scope {
  const key = `${groupOf(apiVersion)}/${kind}`;
  return served.get(key) ?? ofSet.get(key) ?? BUILT_IN.get(key) ?? 'Namespaced';
}
