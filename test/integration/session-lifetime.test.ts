// A session that nobody uses, against a real node: warned of, put off, hibernated, resumed with its home; and input that keeps it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
const NAME = `lt-${randomUUID().slice(0, 8)}`;
const EXPRESSION = `session.metadata.name == '${NAME}'`;
let client: OwnedKubeClient;

const read = async (): Promise<Session> => await client.get<Session>(RESOURCES.sessions, NAMESPACE, NAME);
const until = async (what: string, holds: (session: Session) => boolean): Promise<Session> =>
  await eventually(
    what,
    async () => {
      const session = await read();
      return holds(session) && session;
    },
    { timeoutMs: 90_000 },
  );
const facts = async (activity: object): Promise<void> => {
  await client.mergePatch(RESOURCES.sessions, NAMESPACE, NAME, { status: { activity } }, { subresource: 'status' });
};
const put = async (kind: string, resource: typeof RESOURCES.sessions, spec: object): Promise<void> => {
  const body = { apiVersion: API_GROUP_VERSION, kind, metadata: { name: NAME, namespace: NAMESPACE }, spec };
  await client.create(resource, NAMESPACE, JSON.stringify(body));
};

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await eventually(
    'the first sync has brought team and template',
    async () =>
      (await client.find(RESOURCES.networkPolicies, NAMESPACE, 'streamspace-default-deny')) !== undefined &&
      (await client.find(RESOURCES.templates, 'streamspace', 'terminal')) !== undefined,
    { timeoutMs: 90_000 },
  );
  await put('SessionPolicy', RESOURCES.sessionPolicies, {
    targets: { cel: EXPRESSION },
    idle: { afterSeconds: 20, action: 'Hibernate', warnSeconds: 8, snoozes: { max: 1, seconds: 10 } },
  });
});
afterAll(async () => {
  await client.delete(RESOURCES.sessionPolicies, NAMESPACE, NAME);
  await client.delete(RESOURCES.sessions, NAMESPACE, NAME);
  await client[Symbol.asyncDispose]();
});

test('P-22-1 an idle session is warned of, put off once, hibernated by its policy, and resumed with its home', async () => {
  await put('Session', RESOURCES.sessions, { template: 'terminal', owner: 'member' });
  const running = await until(
    'it runs, and its end is known',
    ({ status }) => status?.phase === 'Running' && status.lifetime?.next !== undefined,
  );
  expect(running.status?.lifetime?.next).toMatchObject({ action: 'Hibernate', reason: 'Idle' });
  await kubectl(servers, ['exec', '-n', NAMESPACE, `${NAME}-0`, '--', 'sh', '-c', 'echo kept > ~/kept']);

  await facts({ inputAt: new Date().toISOString(), inputKind: 'Key' });
  const used = await until('the input counts', ({ status }) => status?.lifetime?.lastInputKind === 'Key');
  const end = Date.parse(used.status?.lifetime?.next?.at ?? '');
  expect(end - Date.parse(used.status?.activity?.inputAt ?? '')).toBe(20_000);

  const warned = await until('it is warned of', ({ status }) => (status?.lifetime?.warned?.length ?? 0) > 0);
  expect(warned.status?.phase).toBe('Running');
  expect(warned.status?.conditions).toContainEqual(expect.objectContaining({ type: 'EndsSoon', status: 'True', reason: 'Idle' }));
  await facts({ snoozedAt: new Date().toISOString(), snoozedBy: 'member', snoozes: 1 });
  const snoozed = await until('it is put off', ({ status }) => status?.lifetime?.snoozes === 1);
  expect(Date.parse(snoozed.status?.lifetime?.next?.at ?? '')).toBeGreaterThan(end);

  const slept = await until(
    'it is hibernated',
    ({ status }) => status?.phase === 'Hibernated' && status.lifetime?.ended !== undefined,
  );
  expect(slept.spec.desiredState).toBe('Hibernated');
  expect(slept.status).toMatchObject({
    hibernatedAt: expect.any(String),
    lifetime: { ended: { action: 'Hibernate', reason: 'Idle' } },
  });
  expect(Date.parse(slept.status?.lifetime?.ended?.at ?? '')).toBeGreaterThanOrEqual(
    Date.parse(snoozed.status?.lifetime?.snoozedUntil ?? ''),
  );
  const events = await client.list<KubeObjectJson & { reason: string }>(RESOURCES.events, {
    namespace: NAMESPACE,
    fieldSelector: `involvedObject.name=${NAME}`,
  });
  expect(events.items.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['EndsSoon', 'Snoozed', 'HibernatedByPolicy']));

  await client.mergePatch(RESOURCES.sessions, NAMESPACE, NAME, { spec: { desiredState: 'Running' } });
  const resumed = await until(
    'it runs again',
    ({ status }) => status?.phase === 'Running' && status.lifetime?.ended === undefined,
  );
  expect(resumed.status?.hibernatedAt).toBeUndefined();
  const kept = await kubectl(servers, ['exec', '-n', NAMESPACE, `${NAME}-0`, '--', 'cat', '/home/user/kept']);
  expect(kept.trim()).toBe('kept');
}, 240_000);
