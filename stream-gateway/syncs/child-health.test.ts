import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childHealth } from './child-health.ts';

const pod = (status: object): object => ({ kind: 'Pod', metadata: {}, status });
const condition = (type: string, status: string, message = ''): object => ({ type, status, message });

test.each([
  ['a pod that is ready', pod({ phase: 'Running', conditions: [condition('Ready', 'True')] }), 'Healthy', ''],
  ['a pod that has done its work', pod({ phase: 'Succeeded' }), 'Healthy', ''],
  ['a pod that was evicted', pod({ phase: 'Failed', reason: 'Evicted' }), 'Degraded', 'Evicted'],
  [
    'a pod whose image cannot be had',
    pod({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] }),
    'Degraded',
    'ImagePullBackOff',
  ],
  [
    'a pod that finds no node',
    pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', '0/3 nodes are available')] }),
    'Progressing',
    '0/3 nodes are available',
  ],
  ['a pod that goes', { kind: 'Pod', metadata: { deletionTimestamp: 'now' } }, 'Progressing', 'it is being deleted'],
  [
    'a ReplicaSet that waits',
    { kind: 'ReplicaSet', metadata: {}, spec: { replicas: 3 }, status: { readyReplicas: 1 } },
    'Progressing',
    '1 of 3 pods are ready',
  ],
  [
    'a job that failed',
    { kind: 'Job', metadata: {}, status: { conditions: [condition('Failed', 'True', 'too often')] } },
    'Degraded',
    'too often',
  ],
  ['a job that is done', { kind: 'Job', metadata: {}, status: { conditions: [condition('Complete', 'True')] } }, 'Healthy', ''],
])('%s', (_name, object, health, message) => {
  expect(childHealth(object)).toEqual({ health, message });
});

test('whatever a status holds, there is an answer', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 4 }), fc.constantFrom('Pod', 'Job', 'ReplicaSet'), (status, kind) => {
      expect(childHealth({ kind, metadata: {}, status }).health).toMatch(/^(Healthy|Progressing|Degraded|Unknown)$/);
    }),
  );
});
