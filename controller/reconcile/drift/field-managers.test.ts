import { expect, test } from 'vitest';
import type { JsonObject } from '../../render/yaml/json.ts';
import { otherManagersOf, stepsOf } from './field-managers.ts';

const live: JsonObject = {
  metadata: {
    labels: { 'app.kubernetes.io/name': 'web' },
    managedFields: [
      {
        manager: 'streamspace-sync',
        operation: 'Apply',
        time: '2026-01-01T00:00:09Z',
        fieldsV1: { 'f:spec': { 'f:paused': {} } },
      },
      {
        manager: 'kube-controller-manager',
        operation: 'Update',
        subresource: 'scale',
        time: '2026-01-01T00:00:02Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        time: '2026-01-01T00:00:03Z',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {} } },
          'f:spec': {
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': {
                    '.': {},
                    'f:image': {},
                    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } },
                  },
                },
                'f:tolerations': {},
              },
            },
            'f:finalizers': { 'v:"a"': {} },
          },
        },
      },
      {
        manager: 'kubelet',
        operation: 'Update',
        subresource: 'status',
        time: '2026-01-01T00:00:08Z',
        fieldsV1: { 'f:status': {} },
      },
    ],
  },
  spec: {
    replicas: 7,
    finalizers: ['b', 'a'],
    template: {
      spec: {
        containers: [
          { name: 'side' },
          { name: 'web', image: 'two', ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }] },
        ],
        tolerations: [{ key: 'x' }],
      },
    },
  },
};

test.each([
  ['spec.replicas', ['kube-controller-manager (scale)']],
  ['spec.template.spec.containers[1].image', ['kubectl-edit']],
  ['spec.template.spec.containers[1].ports[0].name', ['kubectl-edit']],
  ['metadata.labels["app.kubernetes.io/name"]', ['kubectl-edit']],
  ['spec.finalizers[1]', ['kubectl-edit']],
  // An atomic list is owned as a whole.
  ['spec.template.spec.tolerations[0].key', ['kubectl-edit']],
])('S-055 %s was set by %s', (path, managers) => {
  expect(otherManagersOf(live, path)).toEqual(managers);
});

test('S-055 of a field that was taken away, whoever wrote last is named; never the sync itself, never who writes status', () => {
  expect(otherManagersOf(live, 'data.gone')).toEqual(['kubectl-edit']);
  expect(otherManagersOf({ metadata: {} }, 'data.gone')).toEqual([]);
});

test('a path is read as a plan writes it', () => {
  expect(stepsOf('spec.a-b[0]["c.d\\"e"].f_1[12]')).toEqual(['spec', 'a-b', 0, 'c.d"e', 'f_1', 12]);
});
