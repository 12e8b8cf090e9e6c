import { expect, test } from 'vitest';
import type { JsonObject } from '../render/json.ts';
import { healthOf } from './health.ts';

const condition = (type: string, status: string, reason = '', message = ''): JsonObject => ({ type, status, reason, message });
const object = (
  apiVersion: string,
  kind: string,
  spec: JsonObject,
  status: JsonObject,
  metadata: JsonObject = {},
): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', generation: 1, ...metadata },
  spec,
  status: { observedGeneration: 1, ...status },
});
const replicas = (count: number): JsonObject => ({
  replicas: count,
  updatedReplicas: count,
  availableReplicas: count,
  readyReplicas: count,
});

// Vectors after sigs.k8s.io/cli-utils, pkg/kstatus/status/status_compute_test.go.
test.each<[string, JsonObject | undefined, string]>([
  ['nothing', undefined, 'NotFound'],
  ['an object without status', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }, 'Current'],
  ['an object that is being deleted', object('v1', 'ConfigMap', {}, {}, { deletionTimestamp: 'now' }), 'Terminating'],
  [
    'a status of an older generation',
    object('apps/v1', 'Deployment', { replicas: 1 }, replicas(1), { generation: 2 }),
    'InProgress',
  ],
  [
    'a Deployment whose pods are ready',
    object('apps/v1', 'Deployment', { replicas: 2 }, { ...replicas(2), conditions: [condition('Available', 'True')] }),
    'Current',
  ],
  ['a Deployment with too few pods', object('apps/v1', 'Deployment', { replicas: 2 }, replicas(1)), 'InProgress'],
  ['a Deployment with old pods', object('apps/v1', 'Deployment', { replicas: 1 }, { ...replicas(1), replicas: 2 }), 'InProgress'],
  [
    'a Deployment beyond its deadline',
    object('apps/v1', 'Deployment', {}, { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] }),
    'Failed',
  ],
  [
    'a Deployment that no controller has seen',
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { generation: 1 }, spec: {} },
    'InProgress',
  ],
  ['a StatefulSet of none', object('apps/v1', 'StatefulSet', { replicas: 0 }, { replicas: 0 }), 'Current'],
  [
    'a StatefulSet that updates',
    object(
      'apps/v1',
      'StatefulSet',
      { replicas: 1 },
      { replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    'InProgress',
  ],
  [
    'a DaemonSet that is scheduled in part',
    object('apps/v1', 'DaemonSet', {}, { desiredNumberScheduled: 2, currentNumberScheduled: 1 }),
    'InProgress',
  ],
  [
    'a Pod that crashes',
    object('v1', 'Pod', {}, { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] }),
    'Failed',
  ],
  ['a Pod that is ready', object('v1', 'Pod', {}, { phase: 'Running', conditions: [condition('Ready', 'True')] }), 'Current'],
  ['a Pod that has ended', object('v1', 'Pod', {}, { phase: 'Succeeded' }), 'Current'],
  ['a claim that is pending', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Pending' }), 'InProgress'],
  ['a Job that runs', object('batch/v1', 'Job', {}, { startTime: 'then' }), 'Current'],
  ['a Job that failed', object('batch/v1', 'Job', {}, { conditions: [condition('Failed', 'True')] }), 'Failed'],
  ['a definition that is not served', object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, {}), 'InProgress'],
  [
    'a definition that is served',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, { conditions: [condition('Established', 'True')] }),
    'Current',
  ],
  [
    'a definition whose names clash',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, { conditions: [condition('NamesAccepted', 'False')] }),
    'Failed',
  ],
  [
    'a kind of ours that is ready',
    object('streamspace.io/v1alpha1', 'Team', {}, { conditions: [condition('Ready', 'True')] }),
    'Current',
  ],
  [
    'a kind of ours that is not',
    object('streamspace.io/v1alpha1', 'Team', {}, { conditions: [condition('Ready', 'False', 'NamespaceTaken', 'it is taken')] }),
    'InProgress',
  ],
  ['anything that is stalled', object('example.com/v1', 'Thing', {}, { conditions: [condition('Stalled', 'True')] }), 'Failed'],
  [
    'anything that reconciles',
    object('example.com/v1', 'Thing', {}, { conditions: [condition('Reconciling', 'True')] }),
    'InProgress',
  ],
])('%s is judged as kstatus judges it', (_what, given, state) => {
  expect(healthOf(given).state).toBe(state);
});

test('what is not ready says why, and what blocks a deletion is named', () => {
  expect(healthOf(object('apps/v1', 'Deployment', { replicas: 3 }, replicas(1))).message).toBe('1 of 3 pods are made');
  expect(
    healthOf(object('v1', 'ConfigMap', {}, {}, { deletionTimestamp: 'now', finalizers: ['example.com/hold'] })).message,
  ).toContain('example.com/hold');
});

test('a kind called like a property of every object has no rule', () => {
  expect(healthOf({ apiVersion: 'v1', kind: 'constructor', metadata: { name: 'x' } }).state).toBe('Current');
});
