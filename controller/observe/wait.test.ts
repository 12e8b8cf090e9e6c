// How a wait looks at many objects, and what it says of those that are not ready.
import { expect, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeRequest, ListOptions, Resource } from '../../runtime/kube/types.ts';
import { objectId } from '../render/manifest.ts';
import type { JsonObject, JsonValue } from '../render/yaml/json.ts';
import { podTrouble } from './pod-trouble.ts';
import { selectorText } from './selector.ts';
import { type LookOptions, lookAt, type Watched, waitUntilHealthy } from './wait.ts';

const claim = (name: string, phase: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'demo', uid: `uid-${name}` },
  status: { phase },
});
const watched = (name: string, namespace = 'demo'): Watched => ({
  id: objectId({ group: '', kind: 'PersistentVolumeClaim', namespace, name }),
  resource: RESOURCES.persistentVolumeClaims,
});

/** An API server of claims: those in `listed` carry our label, those in `others` do not. */
function clusterOf(listed: () => readonly JsonObject[], others: readonly JsonObject[] = [], events: readonly object[] = []) {
  const requests: string[] = [];
  const nameOf = (object: JsonObject): JsonValue | undefined => (object['metadata'] as JsonObject)['name'];
  const client: LookOptions['client'] = {
    json: ({ path }) => Promise.reject(new Error(`nobody asks for ${path}`)),
    list: <T>(resource: Resource, options: ListOptions = {}) => {
      requests.push(`list ${resource.plural} ${options.namespace}`);
      const items = resource.kind === 'Event' ? events : listed();
      return Promise.resolve({ resourceVersion: '1', items: items as readonly T[] });
    },
    text: ({ path }: KubeRequest) => {
      requests.push(`get ${path}`);
      const found = [...listed(), ...others].find((each) => path.endsWith(`/${String(nameOf(each))}`));
      return found === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve(JSON.stringify(found));
    },
  };
  return { client, requests };
}

const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
const signal = new AbortController().signal;
const labelSelector = 'streamspace.io/gitsync=a.b';

test('many objects of a kind cost one list a look, and only what the list does not have is read by itself', async () => {
  const { client, requests } = clusterOf(() => names.map((name) => claim(name, 'Bound')), [claim('unlabelled', 'Bound')]);
  const objects = [...names, 'unlabelled'].map((name) => watched(name));
  expect(await lookAt(objects, { client, signal, labelSelector })).toEqual([]);
  expect(requests).toEqual(['list persistentvolumeclaims demo', 'get /api/v1/namespaces/demo/persistentvolumeclaims/unlabelled']);
});

test('few are read one by one, and so is everything without a label to look for', async () => {
  const { client, requests } = clusterOf(() => names.map((name) => claim(name, 'Bound')));
  await lookAt([watched('c1'), watched('c2')], { client, signal, labelSelector });
  await lookAt(
    names.map((name) => watched(name)),
    { client, signal },
  );
  expect(requests.filter((each) => each.startsWith('list'))).toEqual([]);
  expect(requests).toHaveLength(52);
});

test('a wait looks again at what is left only, and says at its end what that is and which warning Kubernetes has of it', async () => {
  let looks = 0;
  const listed = (): readonly JsonObject[] => {
    looks += 1;
    return names.map((name) => claim(name, looks === 1 || name === 'c7' ? 'Pending' : 'Bound'));
  };
  const events = [
    { reason: 'Old', message: 'older', lastTimestamp: '2026-01-01T00:00:00Z', metadata: {} },
    { reason: 'ProvisioningFailed', message: 'no\nclass', lastTimestamp: '2026-01-02T00:00:00Z', metadata: {} },
  ];
  const { client, requests } = clusterOf(listed, [], events);
  const objects = names.map((name) => watched(name));
  expect(await waitUntilHealthy(objects, { client, signal, labelSelector, timeoutMs: 300 })).toEqual([
    { id: watched('c7').id, state: 'InProgress', message: 'the claim is Pending; ProvisioningFailed: no class' },
  ]);
  expect(requests.slice(0, 2)).toEqual(['list persistentvolumeclaims demo', 'list persistentvolumeclaims demo']);
  expect(requests.slice(2, 3)).toEqual(['get /api/v1/namespaces/demo/persistentvolumeclaims/c7']);
});

const pod = (status: JsonObject): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status });
const container = (state: JsonObject, lastState: JsonObject = {}): JsonObject =>
  pod({ phase: 'Pending', containerStatuses: [{ name: 'app', state, lastState }] });

test.each<[string, JsonObject, string | undefined]>([
  ['ready', pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }), undefined],
  ['done', pod({ phase: 'Succeeded' }), undefined],
  [
    'an image that is not there',
    container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } }),
    'container app: ImagePullBackOff: Back-off pulling image "x"',
  ],
  [
    'a crash',
    container(
      { waiting: { reason: 'CrashLoopBackOff' } },
      { terminated: { exitCode: 137, reason: 'OOMKilled', message: 'password=hunter2' } },
    ),
    'container app: CrashLoopBackOff: ended with OOMKilled, exit code 137',
  ],
  [
    'the end of a Job',
    container({ terminated: { exitCode: 3, reason: 'Error' } }),
    'container app: ended with Error, exit code 3',
  ],
  [
    'an init container',
    pod({
      phase: 'Pending',
      initContainerStatuses: [{ name: 'init', state: { waiting: { reason: 'CreateContainerConfigError' } } }],
    }),
    'container init: CreateContainerConfigError',
  ],
  [
    'no node',
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }],
    }),
    'Unschedulable: 0/1 nodes',
  ],
  ['evicted', pod({ phase: 'Failed', reason: 'Evicted', message: 'disk pressure' }), 'Evicted: disk pressure'],
  ['a volume that is mounted', container({ waiting: { reason: 'ContainerCreating' } }), 'phase Pending'],
])('what keeps a pod: %s', (_what, given, trouble) => {
  expect(podTrouble(given)).toBe(trouble);
});

test('a selector becomes the text that a list takes, and one that would select everything none', () => {
  expect(selectorText({ matchLabels: { app: 'x', tier: 'web' } })).toBe('app=x,tier=web');
  const matchExpressions = [
    { key: 'a', operator: 'In', values: ['1', '2'] },
    { key: 'b', operator: 'NotIn', values: ['3'] },
    { key: 'c', operator: 'Exists' },
    { key: 'd', operator: 'DoesNotExist' },
  ];
  expect(selectorText({ matchExpressions })).toBe('a in (1,2),b notin (3),c,!d');
  for (const none of [undefined, {}, { matchExpressions: [{ key: 'a', operator: 'Gt' }] }])
    expect(selectorText(none)).toBeUndefined();
});
