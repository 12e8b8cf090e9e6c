import { expect, test } from 'vitest';
import type { JsonObject } from '../render/yaml/json.ts';
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
  ['a Job that runs', object('batch/v1', 'Job', {}, { startTime: 'then', active: 1 }), 'InProgress'],
  ['a Job that is done', object('batch/v1', 'Job', {}, { conditions: [condition('Complete', 'True')] }), 'Current'],
  ['a Job that is suspended', object('batch/v1', 'Job', {}, { conditions: [condition('Suspended', 'True')] }), 'Current'],
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
  ['a claim without its volume', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Lost' }), 'Failed'],
  ['a volume that is free', object('v1', 'PersistentVolume', {}, { phase: 'Available' }), 'Current'],
  ['a volume that failed', object('v1', 'PersistentVolume', {}, { phase: 'Failed', message: 'gone' }), 'Failed'],
  ['a volume that is made', object('v1', 'PersistentVolume', {}, { phase: 'Pending' }), 'InProgress'],
  [
    'an API that is served',
    object('apiregistration.k8s.io/v1', 'APIService', {}, { conditions: [condition('Available', 'True')] }),
    'Current',
  ],
  [
    'an API whose service is away',
    object('apiregistration.k8s.io/v1', 'APIService', {}, { conditions: [condition('Available', 'False', 'MissingEndpoints')] }),
    'InProgress',
  ],
  [
    'an autoscaler that scales',
    object(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      {},
      {
        conditions: [condition('AbleToScale', 'True'), condition('ScalingActive', 'True')],
      },
    ),
    'Current',
  ],
  [
    'an autoscaler without metrics',
    object(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      {},
      {
        conditions: [
          condition('AbleToScale', 'True'),
          condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics'),
        ],
      },
    ),
    'InProgress',
  ],
  [
    'an autoscaler of none',
    object(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      {},
      {
        conditions: [condition('AbleToScale', 'True'), condition('ScalingActive', 'False', 'ScalingDisabled')],
      },
    ),
    'Current',
  ],
  ['an autoscaler that nobody has seen', object('autoscaling/v2', 'HorizontalPodAutoscaler', {}, {}), 'InProgress'],
  ['an Ingress without an address', object('networking.k8s.io/v1', 'Ingress', {}, { loadBalancer: {} }), 'Current'],
  [
    'a budget whose pods cannot be counted',
    object('policy/v1', 'PodDisruptionBudget', {}, { conditions: [condition('DisruptionAllowed', 'False', 'SyncFailed')] }),
    'InProgress',
  ],
  [
    'a budget that allows none now',
    object('policy/v1', 'PodDisruptionBudget', {}, { conditions: [condition('DisruptionAllowed', 'False', 'InsufficientPods')] }),
    'Current',
  ],
  [
    'a certificate that is denied',
    object('certificates.k8s.io/v1', 'CertificateSigningRequest', {}, { conditions: [condition('Denied', 'True')] }),
    'Failed',
  ],
  ['a certificate that waits', object('certificates.k8s.io/v1', 'CertificateSigningRequest', {}, {}), 'InProgress'],
  [
    'a certificate that is issued',
    object(
      'certificates.k8s.io/v1',
      'CertificateSigningRequest',
      {},
      {
        certificate: 'x',
        conditions: [condition('Approved', 'True')],
      },
    ),
    'Current',
  ],
  [
    'a flow without its priority level',
    object('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {}, { conditions: [condition('Dangling', 'True')] }),
    'InProgress',
  ],
  [
    'a Gateway that is programmed',
    object(
      'gateway.networking.k8s.io/v1',
      'Gateway',
      {},
      {
        conditions: [condition('Accepted', 'True'), condition('Programmed', 'True')],
      },
    ),
    'Current',
  ],
  [
    'a Gateway that was programmed before it changed',
    object(
      'gateway.networking.k8s.io/v1',
      'Gateway',
      {},
      {
        conditions: [condition('Accepted', 'True'), { ...condition('Programmed', 'True'), observedGeneration: 0 }],
      },
    ),
    'InProgress',
  ],
  [
    'a GatewayClass that nobody has accepted',
    object('gateway.networking.k8s.io/v1', 'GatewayClass', {}, { conditions: [condition('Accepted', 'Unknown', 'Pending')] }),
    'InProgress',
  ],
  [
    'a route that one of its parents refuses',
    object(
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      {},
      {
        parents: [
          { parentRef: { name: 'a' }, conditions: [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')] },
          { parentRef: { name: 'b' }, conditions: [condition('Accepted', 'False', 'NoMatchingParent')] },
        ],
      },
    ),
    'InProgress',
  ],
  [
    'a route that its parent takes',
    object(
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      {},
      {
        parents: [{ parentRef: { name: 'a' }, conditions: [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')] }],
      },
    ),
    'Current',
  ],
  ['a route that nobody has taken', object('gateway.networking.k8s.io/v1', 'HTTPRoute', {}, {}), 'InProgress'],
  [
    'a condition of an older generation',
    object('example.com/v1', 'Thing', {}, { conditions: [{ ...condition('Ready', 'True'), observedGeneration: 0 }] }),
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
