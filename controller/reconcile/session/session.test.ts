import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { KubeStatusError } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Session, SessionState } from '../../../schemas/kinds/sessions/session.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { NO_QUOTA_METRICS } from '../quota/quota-metrics.ts';
import { Admitter } from './admitter.ts';
import { createSessionReconciler } from './session.ts';

const SIGNAL = new AbortController().signal;
const NAMESPACE = 'team-web';

/** A team's namespace with a template in reach and one new session; the desktop answers when the test says so. */
function world() {
  const cluster = memoryCluster();
  const { put, read, drop } = cluster;
  const audited: string[] = [];
  let time = Date.parse('2026-01-01T00:00:00Z');
  let answers = false;
  let probes = 0;
  const reconciler = createSessionReconciler({
    client: cluster.client,
    cache: cluster.cache,
    events: { record: () => undefined, flush: async () => undefined },
    audit: ({ type }) => void audited.push(type),
    probe: async () => {
      probes += 1;
      return answers;
    },
    refusalOf: () => undefined,
    admitter: new Admitter({ cache: cluster.cache, now: () => new Date(time), metrics: NO_QUOTA_METRICS }),
    now: () => new Date(time),
  });
  put(RESOURCES.namespaces, { metadata: { name: NAMESPACE, labels: { 'streamspace.io/team': 'web' } } });
  put(RESOURCES.networkPolicies, { metadata: { name: 'streamspace-default-deny', namespace: NAMESPACE } });
  put(RESOURCES.templates, {
    metadata: { name: 'terminal', namespace: 'streamspace', generation: 1 },
    spec: { displayName: 'Terminal', icon: 'terminal', image: 'localhost/terminal:1' },
  });
  const session = (): Session => read<Session>(RESOURCES.sessions, NAMESPACE, 'one') ?? expect.unreachable('it is there');
  put(RESOURCES.sessions, {
    metadata: { name: 'one', namespace: NAMESPACE, uid: 'uid-one', generation: 1 },
    spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
  });
  return {
    ...cluster,
    audited,
    session,
    probes: () => probes,
    setAnswers: (value: boolean): void => {
      answers = value;
    },
    pass: (ms: number): void => {
      time += ms;
    },
    wish: (desiredState: SessionState) =>
      put(RESOURCES.sessions, { ...session(), metadata: { ...session().metadata }, spec: { ...session().spec, desiredState } }),
    /** As the kubelet would report it. */
    putPod: (containerID = 'containerd://a') =>
      put(RESOURCES.pods, {
        metadata: { name: 'one-0', namespace: NAMESPACE, uid: `pod-${containerID}`, labels: { 'streamspace.io/session': 'one' } },
        status: {
          podIP: '10.0.0.7',
          conditions: [{ type: 'PodScheduled', status: 'True' }],
          containerStatuses: [
            { name: 'desktop', restartCount: 0, containerID, state: { running: { startedAt: new Date(time).toISOString() } } },
          ],
        },
      }),
    dropPod: () => drop(RESOURCES.pods, NAMESPACE, 'one-0'),
    image: () => JSON.stringify(read(RESOURCES.statefulSets, NAMESPACE, 'one')?.['spec']).match(/"image":"([^"]*)"/)?.[1],
    reconcile: async () =>
      await reconciler.reconcile({ namespace: NAMESPACE, name: 'one' }, { signal: SIGNAL, log: pino({ level: 'silent' }) }),
  };
}

async function running() {
  const given = world();
  await given.reconcile();
  given.putPod();
  given.setAnswers(true);
  await given.reconcile();
  given.writes.length = 0;
  return given;
}

describe('starting', () => {
  test('it is admitted before anything is made, and the desktop comes last', async () => {
    const given = world();
    await given.reconcile();
    expect(given.writes[0]).toBe('apply Session one/status');
    expect(given.writes.slice(1, -1).sort()).toEqual([
      'apply Role one-owner',
      'apply RoleBinding one-owner',
      'apply Service one',
      'apply StatefulSet one',
      'create PersistentVolumeClaim one-home',
      'create Secret one-vnc',
    ]);
    expect(given.writes.indexOf('apply StatefulSet one')).toBeGreaterThan(given.writes.indexOf('create Secret one-vnc'));
    expect(given.session().status).toMatchObject({
      phase: 'Starting',
      stages: [{ name: 'Admitted' }],
      templateRef: { namespace: 'streamspace', name: 'terminal', displayName: 'Terminal' },
    });
  });

  test('the role of its owner is made before the binding of it, which the API server would refuse', async () => {
    const given = world();
    given.failNext('Role', new KubeStatusError({ statusCode: 500, reason: 'InternalError', message: 'not now' }));
    await expect(given.reconcile()).rejects.toThrow('not now');
    expect(given.writes).not.toContain('apply RoleBinding one-owner');
    await given.reconcile();
    expect(given.writes.filter((write) => write.includes('one-owner'))).toEqual([
      'apply Role one-owner',
      'apply RoleBinding one-owner',
    ]);
  });

  test('it is asked every 100 ms and Running with its address once it answers; then it is asked no more', async () => {
    const given = world();
    await given.reconcile();
    given.putPod();
    expect(await given.reconcile()).toEqual({ requeueAfterMs: 100 });
    expect(given.session().status).not.toHaveProperty('endpoint');
    given.setAnswers(true);
    expect(await given.reconcile()).toEqual({});
    expect(given.session().status).toMatchObject({
      phase: 'Running',
      endpoint: { host: '10.0.0.7', port: 5900, passwordSecret: 'one-vnc', tls: 'Opportunistic' },
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Admitted', status: 'True' },
      ],
    });
    const { status } = given.session();
    given.writes.length = 0;
    given.pass(60_000);
    await given.reconcile();
    expect(given.probes()).toBe(2);
    expect(given.writes).toEqual([]);
    expect(given.session().status).toEqual(status);
  });

  test('what the policies come to is written by another: it stays, and is no reason to write', async () => {
    const given = world();
    const policy = { effectivePolicy: { hash: 'a'.repeat(64) } };
    const session = given.session();
    const { apiVersion, kind } = session;
    const body = JSON.stringify({ apiVersion, kind, metadata: { name: 'one', namespace: NAMESPACE }, status: policy });
    const options = { fieldManager: 'streamspace-policy', force: true, subresource: 'status' };
    await given.client.apply(RESOURCES.sessions, NAMESPACE, 'one', body, options);
    await given.reconcile();
    expect(given.session().status).toMatchObject({ ...policy, phase: 'Starting' });
    given.writes.length = 0;
    await given.reconcile();
    expect(given.writes).toEqual([]);
  });

  test('a desktop is spoken to as it was told at its start, whatever its template wants meanwhile', async () => {
    const given = await running();
    given.put(RESOURCES.templates, {
      metadata: { name: 'terminal', namespace: 'streamspace', generation: 2 },
      spec: { displayName: 'Terminal', image: 'localhost/terminal:1', desktop: { tls: 'Required' } },
    });
    await given.reconcile();
    expect(given.session().status?.endpoint?.tls).toBe('Opportunistic');
    given.wish('Hibernated');
    given.dropPod();
    await given.reconcile();
    given.wish('Running');
    await given.reconcile();
    given.putPod('containerd://b');
    await given.reconcile();
    expect(given.session().status?.endpoint?.tls).toBe('Required');
  });

  test('the password is random, has eight characters, and stays', async () => {
    const given = world();
    await given.reconcile();
    const password = (): unknown => given.read(RESOURCES.secrets, NAMESPACE, 'one-vnc')?.['data'];
    const first = password();
    expect(JSON.stringify(first)).toMatch(/"password":"[A-Za-z0-9+/]{11}="/);
    await given.reconcile();
    expect(password()).toEqual(first);
    const other = world();
    await other.reconcile();
    expect(other.read(RESOURCES.secrets, NAMESPACE, 'one-vnc')?.['data']).not.toEqual(first);
  });

  test('P-04-9 nothing is made in a namespace without a team or without its default-deny policy', async () => {
    for (const [resource, namespace, name] of [
      [RESOURCES.networkPolicies, NAMESPACE, 'streamspace-default-deny'],
      [RESOURCES.namespaces, undefined, NAMESPACE],
    ] as const) {
      const given = world();
      given.drop(resource, namespace, name);
      await expect(given.reconcile()).rejects.toMatchObject({ code: 'TeamNotReady' });
      expect(given.writes).toEqual(['apply Session one/status']);
      expect(given.session().status).toMatchObject({ phase: 'Pending', reason: 'TeamNotReady' });
    }
  });

  test('an unknown template is named, and its arrival is enough', async () => {
    const given = world();
    given.drop(RESOURCES.templates, 'streamspace', 'terminal');
    await expect(given.reconcile()).rejects.toMatchObject({ code: 'TemplateNotFound' });
    expect(given.session().status).toMatchObject({ phase: 'Failed', reason: 'TemplateNotFound' });
    given.put(RESOURCES.templates, {
      metadata: { name: 'terminal', namespace: NAMESPACE },
      spec: { displayName: 'Ours', icon: 'tool', image: 'x' },
    });
    await given.reconcile();
    expect(given.session().status).toMatchObject({ phase: 'Starting', templateRef: { namespace: NAMESPACE } });
  });

  test('a home of somebody else under the same name is never mounted', async () => {
    const given = world();
    given.put(RESOURCES.persistentVolumeClaims, { metadata: { name: 'one-home', namespace: NAMESPACE } });
    await expect(given.reconcile()).rejects.toMatchObject({ code: 'AlreadyExists' });
    expect(given.session().status).toMatchObject({ phase: 'Failed', reason: 'AlreadyExists' });
    expect(given.read(RESOURCES.statefulSets, NAMESPACE, 'one')).toBeUndefined();
  });

  test('what an earlier session of the same name left is waited for', async () => {
    const given = world();
    const ownerReferences = [{ apiVersion: 'x', kind: 'Session', name: 'one', uid: 'uid-before', controller: true }];
    given.put(RESOURCES.persistentVolumeClaims, { metadata: { name: 'one-home', namespace: NAMESPACE, ownerReferences } });
    expect(await given.reconcile()).toEqual({ requeueAfterMs: 1_000 });
    given.drop(RESOURCES.persistentVolumeClaims, NAMESPACE, 'one-home');
    await given.reconcile();
    expect(given.read(RESOURCES.statefulSets, NAMESPACE, 'one')).toBeDefined();
  });

  test('a refusal of the API server half-way is told once, and a second try that fails alike writes nothing', async () => {
    const given = world();
    const refusal = new KubeStatusError({ statusCode: 403, reason: 'Forbidden', message: 'exceeded quota' });
    for (let count = 0; count < 2; count += 1) {
      given.failNext('PersistentVolumeClaim', refusal);
      given.writes.length = 0;
      await expect(given.reconcile()).rejects.toBe(refusal);
    }
    expect(given.writes).toEqual([]);
    expect(given.session().status).toMatchObject({ phase: 'Failed', reason: 'ClusterRequestFailed', message: 'exceeded quota' });
  });
});

describe('running', () => {
  test('a template that changes or goes does not touch a desktop that somebody uses', async () => {
    const given = await running();
    given.put(RESOURCES.templates, {
      metadata: { name: 'terminal', namespace: 'streamspace', generation: 2 },
      spec: { displayName: 'Terminal', image: 'localhost/terminal:2' },
    });
    await given.reconcile();
    given.drop(RESOURCES.templates, 'streamspace', 'terminal');
    await given.reconcile();
    expect(given.writes).toEqual([]);
    expect(given.session().status?.phase).toBe('Running');
  });

  test('G-44 a killed pod: Starting, then Running again with the same home and password', async () => {
    const given = await running();
    const home = given.read(RESOURCES.persistentVolumeClaims, NAMESPACE, 'one-home');
    given.dropPod();
    await given.reconcile();
    expect(given.session().status).toMatchObject({ phase: 'Starting', stages: [{ name: 'Admitted' }] });
    expect(given.session().status).not.toHaveProperty('endpoint');
    given.putPod('containerd://b');
    await given.reconcile();
    expect(given.session().status?.phase).toBe('Running');
    expect(given.read(RESOURCES.persistentVolumeClaims, NAMESPACE, 'one-home')).toEqual(home);
    expect(given.writes.filter((write) => !write.endsWith('/status'))).toEqual([]);
  });

  test('another run of the container has to answer again', async () => {
    const given = await running();
    given.setAnswers(false);
    given.putPod('containerd://b');
    await given.reconcile();
    expect(given.session().status?.phase).toBe('Starting');
  });
});

describe('hibernating, ending', () => {
  test('the pod stops, the home stays, and it comes back with the template of that moment', async () => {
    const given = await running();
    given.wish('Hibernated');
    await given.reconcile();
    expect(given.session().status?.phase).toBe('Hibernating');
    given.dropPod();
    const set = given.read(RESOURCES.statefulSets, NAMESPACE, 'one');
    if (set !== undefined) given.put(RESOURCES.statefulSets, { ...set, status: { replicas: 0 } });
    await given.reconcile();
    expect(given.session().status).toMatchObject({ phase: 'Hibernated' });
    expect(given.audited).toEqual(['session.started', 'session.hibernated']);
    expect(given.writes.filter((write) => write.startsWith('delete'))).toEqual([]);
    given.put(RESOURCES.templates, {
      metadata: { name: 'terminal', namespace: 'streamspace', generation: 2 },
      spec: { displayName: 'Terminal', icon: 'terminal', image: 'localhost/terminal:2' },
    });
    given.pass(3_600_000);
    given.wish('Running');
    await given.reconcile();
    expect(given.image()).toBe('localhost/terminal:2');
    expect(given.session().status).toMatchObject({ startedAt: '2026-01-01T01:00:00.000Z', templateRef: { generation: 2 } });
  });

  test('terminated is for good: everything goes but the record and the right to see it', async () => {
    const given = await running();
    given.wish('Terminated');
    await given.reconcile();
    expect(given.session().status?.phase).toBe('Terminating');
    given.dropPod();
    await given.reconcile();
    expect(given.session().status?.phase).toBe('Terminated');
    expect(given.read(RESOURCES.persistentVolumeClaims, NAMESPACE, 'one-home')).toBeUndefined();
    expect(given.read(RESOURCES.roleBindings, NAMESPACE, 'one-owner')).toBeDefined();
    given.writes.length = 0;
    await given.reconcile();
    expect(given.writes).toEqual([]);
  });

  test('a deleted session is left to the garbage collection', async () => {
    const given = await running();
    given.put(RESOURCES.sessions, {
      ...given.session(),
      metadata: { ...given.session().metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    await given.reconcile();
    expect(given.writes).toEqual([]);
  });
});
