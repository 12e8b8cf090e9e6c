// What has to be done so that each claim of the local storage class has a volume, and no volume outlives its claim. Pure.
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import { NODE_NAME } from '../layout.ts';
import { LOCAL_PROVISIONER, LOCAL_STORAGE_CLASS } from '../storage.ts';

export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

export interface Claim extends KubeObjectJson {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: { readonly storage?: string } };
  };
  readonly status?: { readonly phase?: string };
}

export interface Volume extends KubeObjectJson {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly local?: { readonly path?: string };
  };
  readonly status?: { readonly phase?: string };
}

export type VolumeStep =
  | { readonly action: 'create'; readonly name: string; readonly folder: string; readonly claim: Claim }
  | { readonly action: 'remove'; readonly name: string; readonly uid: string; readonly folder: string };

/** A UID goes into a path; anything else than what the API server makes is not ours to touch. */
const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function planVolumes(claims: Iterable<Claim>, volumes: ReadonlyMap<string, Volume>): readonly VolumeStep[] {
  const steps: VolumeStep[] = [];
  for (const claim of claims) {
    const { uid = '', deletionTimestamp } = claim.metadata;
    if (!UID.test(uid) || deletionTimestamp !== undefined) continue;
    if (claim.spec?.storageClassName !== LOCAL_STORAGE_CLASS || (claim.spec.volumeName ?? '') !== '') continue;
    // A folder is no block device: such a claim stays pending.
    if (claim.spec.volumeMode === 'Block') continue;
    const name = `pvc-${uid}`;
    if (!volumes.has(name)) steps.push({ action: 'create', name, folder: uid, claim });
  }
  for (const volume of volumes.values()) {
    const { uid = '', name, annotations, deletionTimestamp } = volume.metadata;
    if (annotations?.[PROVISIONED_BY] !== LOCAL_PROVISIONER || deletionTimestamp !== undefined) continue;
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete' || volume.status?.phase !== 'Released') continue;
    const folder = name.replace(/^pvc-/, '');
    if (UID.test(folder)) steps.push({ action: 'remove', name, uid, folder });
  }
  return steps;
}

/** A `local` volume: unlike hostPath it gets the pod's fsGroup. Bound to its claim from the start, so nobody else gets it. */
export function volumeFor(step: Extract<VolumeStep, { action: 'create' }>, path: string): KubeObjectJson {
  const { claim } = step;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: step.name, annotations: { [PROVISIONED_BY]: LOCAL_PROVISIONER } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: LOCAL_STORAGE_CLASS,
      volumeMode: 'Filesystem',
      local: { path },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: claim.metadata.namespace,
        name: claim.metadata.name,
        uid: claim.metadata.uid,
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] }] }],
        },
      },
    },
  };
}
