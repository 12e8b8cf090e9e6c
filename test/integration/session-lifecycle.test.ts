// Sessions against a real node: from an object to a desktop that answers, to hibernation and back, to their end.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { startReflector } from '../../runtime/kube/watch/reflector.ts';
import type { Session, SessionPhase, SessionState } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
let client: OwnedKubeClient;

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await eventually(
    'the first sync has brought team and template',
    async () =>
      (await client.find(RESOURCES.networkPolicies, NAMESPACE, 'streamspace-default-deny')) !== undefined &&
      (await client.find(RESOURCES.templates, 'streamspace', 'terminal')) !== undefined,
    { timeoutMs: 90_000 },
  );
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
});

const uniqueName = (): string => `it-${randomUUID().slice(0, 8)}`;

interface FreshSession extends AsyncDisposable {
  readonly name: string;
  read(): Promise<Session>;
  wish(desiredState: SessionState): Promise<void>;
  until(phase: SessionPhase): Promise<Session>;
}

/** Made by an administrator with the API server alone, as with kubectl; deleted afterwards. */
async function freshSession(template = 'terminal', name = uniqueName()): Promise<FreshSession> {
  const body = {
    apiVersion: API_GROUP_VERSION,
    kind: 'Session',
    metadata: { name, namespace: NAMESPACE },
    spec: { template, owner: 'member' },
  };
  await client.create(RESOURCES.sessions, NAMESPACE, JSON.stringify(body));
  const read = async (): Promise<Session> => await client.get<Session>(RESOURCES.sessions, NAMESPACE, name);
  return {
    name,
    read,
    wish: async (desiredState) => {
      await client.mergePatch(RESOURCES.sessions, NAMESPACE, name, { spec: { desiredState } });
    },
    until: async (phase) =>
      await eventually(
        `session ${name} is ${phase}`,
        async () => {
          const session = await read();
          return session.status?.phase === phase && session;
        },
        { timeoutMs: 60_000 },
      ),
    async [Symbol.asyncDispose]() {
      await client.delete(RESOURCES.sessions, NAMESPACE, name);
      await eventually(`everything of ${name} is gone`, async () => (await childrenOf(name)).length === 0, { timeoutMs: 60_000 });
    },
  };
}

const CHILDREN: readonly Resource[] = [
  RESOURCES.statefulSets,
  RESOURCES.services,
  RESOURCES.secrets,
  RESOURCES.persistentVolumeClaims,
  RESOURCES.roles,
  RESOURCES.roleBindings,
  RESOURCES.pods,
];

async function childrenOf(name: string): Promise<readonly KubeObjectJson[]> {
  const options = { namespace: NAMESPACE, labelSelector: `streamspace.io/session=${name}` };
  return (await Promise.all(CHILDREN.map(async (resource) => (await client.list(resource, options)).items))).flat();
}
const namesOf = (objects: readonly KubeObjectJson[]): readonly string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
const inDesktop = async (name: string, script: string): Promise<string> =>
  await kubectl(servers, ['exec', '-n', NAMESPACE, `${name}-0`, '--', 'sh', '-c', script]);

describe('a session', () => {
  test('it runs once its desktop answers, with every stage told, and then nothing is written any more', async () => {
    await using session = await freshSession();
    const { status } = await session.until('Running');
    expect(status?.stages?.map(({ name }) => name)).toEqual([
      'Admitted',
      'VolumeBound',
      'Scheduled',
      'ImageReady',
      'Started',
      'Answering',
    ]);
    expect(status?.endpoint).toMatchObject({ port: 5900, passwordSecret: `${session.name}-vnc` });
    const versions = async (): Promise<readonly (string | undefined)[]> => [
      (await session.read()).metadata.resourceVersion,
      ...(await childrenOf(session.name))
        .filter(({ kind }) => kind !== 'Pod' && kind !== 'StatefulSet')
        .map(({ metadata }) => metadata.resourceVersion),
    ];
    const before = await versions();
    // A change that wakes the reconciler without giving it anything to do, and one that proves that it was awake.
    await client.mergePatch(RESOURCES.pods, NAMESPACE, `${session.name}-0`, { metadata: { annotations: { note: 'x' } } });
    await using witness = await freshSession();
    await witness.until('Running');
    expect(await versions()).toEqual(before);
  });

  test('its owner has the rights on it, other members have not', async () => {
    await using session = await freshSession();
    await session.until('Running');
    const may = async (verb: string, user: string): Promise<boolean> => {
      const review = { verb, group: API_GROUP, resource: 'sessions', namespace: NAMESPACE, name: session.name };
      return (await client.review(review, { user: kubernetesUser(user), groups: kubernetesGroups([]) })).allowed;
    };
    await eventually('the right is known', async () => await may('control', 'member'));
    expect(await may('control', 'viewer')).toBe(false);
    expect(await may('delete', 'viewer')).toBe(false);
  });

  test('the home outlives hibernation, and is gone with the session', async () => {
    await using session = await freshSession();
    await session.until('Running');
    await inDesktop(session.name, 'echo kept > /home/user/note');
    await session.wish('Hibernated');
    const hibernated = await session.until('Hibernated');
    expect(hibernated.status).not.toHaveProperty('endpoint');
    expect(namesOf(await childrenOf(session.name))).toContain(`PersistentVolumeClaim ${session.name}-home`);
    expect(await client.find(RESOURCES.pods, NAMESPACE, `${session.name}-0`)).toBeUndefined();
    await session.wish('Running');
    await session.until('Running');
    expect(await inDesktop(session.name, 'cat /home/user/note')).toBe('kept\n');
    await session.wish('Terminated');
    await session.until('Terminated');
    expect(namesOf(await childrenOf(session.name))).toEqual([`Role ${session.name}-owner`, `RoleBinding ${session.name}-owner`]);
    await expect(session.wish('Running')).rejects.toThrow('does not come back');
  });

  test('G-44 a killed pod leads from Running over Starting back to Running, with its home', async () => {
    await using session = await freshSession();
    const before = await session.until('Running');
    await inDesktop(session.name, 'echo kept > /home/user/note');
    const phases: (string | undefined)[] = [];
    const stop = new AbortController();
    const watch = startReflector<KubeObjectJson & Session>({
      client,
      resource: RESOURCES.sessions,
      namespace: NAMESPACE,
      fieldSelector: `metadata.name=${session.name}`,
      signal: stop.signal,
      onEvent: (event) => void (event.type !== 'synced' && phases.push(event.object.status?.phase)),
    });
    await watch.synced;
    await client.delete(RESOURCES.pods, NAMESPACE, `${session.name}-0`, { gracePeriodSeconds: 0 });
    await eventually('it runs again', async () => {
      const { status } = await session.read();
      return status?.phase === 'Running' && status.runningSince !== before.status?.runningSince;
    });
    stop.abort(new Error('seen enough'));
    await watch.ended;
    expect(phases).toContain('Starting');
    expect(await inDesktop(session.name, 'cat /home/user/note')).toBe('kept\n');
  });

  test('a desktop that ends says its exit code, and is back', async () => {
    await using session = await freshSession();
    const before = await session.until('Running');
    await inDesktop(session.name, 'kill 1').catch(() => undefined); // the connection ends with the container
    await eventually('it runs again', async () => {
      const { status } = await session.read();
      return status?.phase === 'Running' && status.runningSince !== before.status?.runningSince;
    });
  });
});

describe('a session that cannot run says why', () => {
  /** A template of the team for one test. */
  async function withTemplate(spec: object): Promise<AsyncDisposable & { readonly name: string }> {
    const name = uniqueName();
    const metadata = { name, namespace: NAMESPACE };
    const template = { apiVersion: API_GROUP_VERSION, kind: 'Template', metadata, spec: { displayName: 'Broken', ...spec } };
    await client.create(RESOURCES.templates, NAMESPACE, JSON.stringify(template));
    return {
      name,
      [Symbol.asyncDispose]: async () => await client.delete(RESOURCES.templates, NAMESPACE, name),
    };
  }
  const until = async (session: FreshSession, reason: string): Promise<string | undefined> => {
    const seen = await eventually(
      `${session.name} says ${reason}`,
      async () => {
        const { status } = await session.read();
        return status?.phase === 'Failed' && status.reason === reason && status;
      },
      { timeoutMs: 60_000 },
    );
    return seen.message;
  };

  test('an image that no node has', async () => {
    await using template = await withTemplate({ image: 'localhost/nowhere:1' });
    await using session = await freshSession(template.name);
    expect(await until(session, 'ImageNotFound')).toBe('image localhost/nowhere:1 not found on any node');
  });

  test('more CPU than there is', async () => {
    await using template = await withTemplate({ image: 'localhost/x:1', resources: { cpu: '4000' } });
    await using session = await freshSession(template.name);
    expect(await until(session, 'Unschedulable')).toContain('Insufficient cpu');
  });

  test('a storage class that does not exist', async () => {
    await using template = await withTemplate({ image: 'localhost/x:1', home: { storageClassName: 'nowhere' } });
    await using session = await freshSession(template.name);
    expect(await until(session, 'VolumePending')).toContain('PersistentVolumeClaim');
  });

  test('an unknown template, and its arrival is enough', async () => {
    const name = uniqueName();
    await using session = await freshSession(name);
    expect(await until(session, 'TemplateNotFound')).toContain(name);
    const terminal = await client.get<KubeObjectJson>(RESOURCES.templates, 'streamspace', 'terminal');
    const copy = { ...terminal, metadata: { name, namespace: NAMESPACE }, status: undefined };
    await client.create(RESOURCES.templates, NAMESPACE, JSON.stringify(copy));
    await session.until('Running');
    await client.delete(RESOURCES.templates, NAMESPACE, name);
    expect((await session.read()).status?.phase).toBe('Running');
  });

  test('a home of that name which is not its own', async () => {
    const name = uniqueName();
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: `${name}-home`, namespace: NAMESPACE },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    };
    await client.create(RESOURCES.persistentVolumeClaims, NAMESPACE, JSON.stringify(claim));
    {
      await using session = await freshSession('terminal', name);
      expect(await until(session, 'AlreadyExists')).toContain(`${name}-home`);
    }
    expect(await client.find(RESOURCES.persistentVolumeClaims, NAMESPACE, `${name}-home`)).toBeDefined();
    await client.delete(RESOURCES.persistentVolumeClaims, NAMESPACE, `${name}-home`);
  });
});
