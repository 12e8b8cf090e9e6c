import { describe, expect, test } from 'vitest';
import { type ContainerStatus, observeStart, type PodView, runningContainer, type SessionWorld, tlsOf } from './world.ts';

const NOW = new Date('2026-01-01T00:01:00Z');
const secondsAgo = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();

const statefulSet = (image = 'localhost/terminal:1'): SessionWorld['statefulSet'] => ({
  metadata: { name: 'one' },
  spec: { replicas: 1, template: { spec: { containers: [{ image, ports: [{ containerPort: 5901 }] }] } } },
});
const SCHEDULED = [{ type: 'PodScheduled', status: 'True' }];
const pod = (status: PodView['status'], metadata: Partial<PodView['metadata']> = {}): PodView => ({
  metadata: { name: 'one-0', uid: 'uid-pod', creationTimestamp: secondsAgo(1), ...metadata },
  ...(status === undefined ? {} : { status }),
});
const withContainer = (container: Partial<ContainerStatus>): PodView =>
  pod({
    podIP: '10.0.0.7',
    conditions: SCHEDULED,
    containerStatuses: [{ name: 'desktop', restartCount: 0, containerID: 'containerd://a', ...container }],
  });
const observe = (world: Partial<SessionWorld>) =>
  observeStart({
    statefulSet: statefulSet(),
    pod: undefined,
    claim: { metadata: { name: 'one-home' }, status: { phase: 'Bound' } },
    refusal: undefined,
    answering: false,
    now: NOW,
    ...world,
  });

describe('before there is a container', () => {
  test('no pod yet is a start; no pod for a reason is the admission speaking', () => {
    expect(observe({})).toMatchObject({ phase: 'Starting', reached: ['VolumeBound'] });
    expect(observe({ refusal: 'violates PodSecurity "restricted"' })).toMatchObject({
      phase: 'Failed',
      reason: 'PodRejected',
      message: 'violates PodSecurity "restricted"',
    });
  });

  test('the words of the scheduler are a failure only once they last', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' },
    ];
    expect(observe({ pod: pod({ conditions }, { creationTimestamp: secondsAgo(4) }) })).toMatchObject({
      phase: 'Starting',
      reason: 'Unschedulable',
      lookAgainMs: 6_000,
    });
    expect(observe({ pod: pod({ conditions }, { creationTimestamp: secondsAgo(10) }) })).toMatchObject({
      phase: 'Failed',
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
    });
  });

  test('a volume that is not bound is named as such', () => {
    const message = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
    const conditions = [{ type: 'PodScheduled', status: 'False', message }];
    const claim = { metadata: { name: 'one-home' }, status: { phase: 'Pending' } };
    const old = pod({ conditions }, { creationTimestamp: secondsAgo(60) });
    expect(observe({ pod: old, claim })).toMatchObject({ phase: 'Failed', reason: 'VolumePending', reached: [] });
  });

  test('a pod that ends or was evicted is followed by another', () => {
    expect(observe({ pod: pod({ podIP: '10.0.0.7' }, { deletionTimestamp: secondsAgo(0) }), answering: true })).toMatchObject({
      phase: 'Starting',
    });
    expect(observe({ pod: pod({ phase: 'Failed', reason: 'Evicted', message: 'disk pressure' }) })).toMatchObject({
      phase: 'Starting',
      message: 'the pod ended (Evicted: disk pressure); another follows',
    });
  });
});

describe('the image', () => {
  test.each(['ErrImageNeverPull', 'ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'])('%s is ImageNotFound', (reason) => {
    expect(observe({ pod: withContainer({ state: { waiting: { reason } } }) })).toMatchObject({
      phase: 'Failed',
      reason: 'ImageNotFound',
      message: 'image localhost/terminal:1 not found on any node',
    });
  });

  test('an image of a registry comes with the words of the node', () => {
    const waiting = { reason: 'ErrImagePull', message: 'rpc error\nunauthorized: authentication required' };
    const { message } = observe({ statefulSet: statefulSet('example.com/a:1'), pod: withContainer({ state: { waiting } }) });
    expect(message).toBe('image example.com/a:1 cannot be had: unauthorized: authentication required');
  });
});

describe('the desktop', () => {
  const running = (seconds: number): NonNullable<ContainerStatus['state']> => ({ running: { startedAt: secondsAgo(seconds) } });

  test('it runs only once it answers', () => {
    expect(observe({ pod: withContainer({ state: running(1) }) })).toMatchObject({ phase: 'Starting', lookAgainMs: 100 });
    expect(observe({ pod: withContainer({ state: running(1) }), answering: true })).toEqual({
      phase: 'Running',
      reached: ['VolumeBound', 'Scheduled', 'ImageReady', 'Started', 'Answering'],
    });
  });

  test('silence for half a minute is a fault that names the port', () => {
    expect(observe({ pod: withContainer({ state: running(31) }) })).toMatchObject({
      phase: 'Failed',
      reason: 'DesktopUnreachable',
      message: expect.stringContaining('5901'),
      lookAgainMs: 5_000,
    });
  });

  test('a crash comes with its exit code and its last line, and is a failure when the kubelet backs off', () => {
    const terminated = { exitCode: 137, reason: 'OOMKilled', message: 'starting\nno room for pixels\n' };
    const message = 'the desktop ended with exit code 137 (OOMKilled): no room for pixels';
    expect(observe({ pod: withContainer({ state: { terminated } }) })).toMatchObject({ phase: 'Starting', message });
    const backingOff = { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated }, restartCount: 3 };
    expect(observe({ pod: withContainer(backingOff) })).toMatchObject({ phase: 'Failed', reason: 'DesktopCrashed', message });
  });
});

test('each run of a container has its own name, and one that cannot be reached has none', () => {
  const state = { running: { startedAt: secondsAgo(1) } };
  const first = runningContainer(withContainer({ state }));
  expect(first?.host).toBe('10.0.0.7');
  expect(runningContainer(withContainer({ state, containerID: 'containerd://b' }))?.run).not.toBe(first?.run);
  expect(runningContainer(pod({ containerStatuses: [{ name: 'desktop', restartCount: 0, state }] }))).toBeUndefined();
  expect(runningContainer(withContainer({ state: { waiting: {} } }))).toBeUndefined();
});

test.each([
  ['Required', 'Required'],
  ['Off', 'Off'],
  // Of another release: nothing is known of it.
  ['Always', undefined],
  [undefined, undefined],
])('a desktop that was told %s has %s in its endpoint', (value, expected) => {
  const env = value === undefined ? [] : [{ name: 'STREAMSPACE_TLS', value }];
  const spec = { template: { spec: { containers: [{ image: 'localhost/terminal:1', env }] } } };
  expect(tlsOf({ metadata: { name: 'one' }, spec })).toBe(expected);
});
