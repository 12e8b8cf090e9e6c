import { expect, test } from 'vitest';
import { LOCAL_PROVISIONER, LOCAL_STORAGE_CLASS } from '../storage.ts';
import { type Claim, PROVISIONED_BY, planVolumes, type Volume, volumeFor } from './plan-volumes.ts';

const UID = '16f255c1-3444-4a6c-b97b-d18a5f6c75ac';

function claim(spec: Claim['spec'] = {}, metadata: Partial<Claim['metadata']> = {}): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'home', namespace: 'team-web', uid: UID, ...metadata },
    spec: {
      storageClassName: LOCAL_STORAGE_CLASS,
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '5Gi' } },
      ...spec,
    },
  };
}

function volume(phase: string, change: Partial<Volume['metadata']> = {}, policy = 'Delete'): Volume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${UID}`, uid: 'volume-uid', annotations: { [PROVISIONED_BY]: LOCAL_PROVISIONER }, ...change },
    spec: { persistentVolumeReclaimPolicy: policy },
    status: { phase },
  };
}

const stored = (...volumes: readonly Volume[]): ReadonlyMap<string, Volume> =>
  new Map(volumes.map((found) => [found.metadata.name, found]));

test('a claim of our class without a volume gets one, bound to it and to the node', () => {
  const [step] = planVolumes([claim()], stored());
  expect(step).toMatchObject({ action: 'create', name: `pvc-${UID}`, folder: UID });
  if (step?.action !== 'create') throw new Error('no volume is made');
  expect(volumeFor(step, `/volumes/${UID}`)).toMatchObject({
    spec: {
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: `/volumes/${UID}` },
      claimRef: { namespace: 'team-web', name: 'home', uid: UID },
    },
  });
});

test('nothing is made for another class, a claim that has its volume, one that is being deleted, or a block device', () => {
  const none = [
    claim({ storageClassName: 'ebs' }),
    claim({ volumeName: 'somewhere' }),
    claim({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    claim({ volumeMode: 'Block' }),
  ];
  expect(planVolumes(none, stored())).toEqual([]);
  expect(planVolumes([claim()], stored(volume('Available')))).toEqual([]);
});

test('a released volume goes; a bound one, one that is kept by policy and one of somebody else stay', () => {
  expect(planVolumes([], stored(volume('Released')))).toEqual([
    { action: 'remove', name: `pvc-${UID}`, uid: 'volume-uid', folder: UID },
  ]);
  expect(planVolumes([], stored(volume('Bound')))).toEqual([]);
  expect(planVolumes([], stored(volume('Released', {}, 'Retain')))).toEqual([]);
  expect(planVolumes([], stored(volume('Released', { annotations: {} })))).toEqual([]);
});

test('a name that is no UID never becomes a path', () => {
  expect(planVolumes([claim({}, { uid: '../../etc' })], stored())).toEqual([]);
  expect(planVolumes([], stored(volume('Released', { name: 'pvc-..' })))).toEqual([]);
});
