// Quotas against a real API server, with the controller and gateway of the installation.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { type LedgerObject, readLedger } from '../../schemas/quota/ledger.ts';
import { apiAs } from '../support/api.ts';
import { streamspace } from '../support/command.ts';
import { admitted, openQuotaRush, type QuotaRush } from '../support/quota-rush.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
const id = `quota-${randomUUID().slice(0, 6)}`;
let client: OwnedKubeClient;
let rush: QuotaRush;

const command = (args: readonly string[]) => streamspace([...args, '--state', servers.stateDir]);

async function put(resource: Resource, kind: string, name: string, spec: object): Promise<void> {
  const metadata = { name, namespace: NAMESPACE };
  await client.create(resource, NAMESPACE, JSON.stringify({ apiVersion: API_GROUP_VERSION, kind, metadata, spec }));
}

/** At the end: quota, template and the session `NAME-1`. */
function removed(name: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await client.delete(RESOURCES.sessions, NAMESPACE, `${name}-1`);
      await client.delete(RESOURCES.quotas, NAMESPACE, name);
      await client.delete(RESOURCES.templates, NAMESPACE, name);
    },
  };
}

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  rush = await openQuotaRush(client, id, 10);
});

afterAll(async () => {
  await rush[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
});

test('P-04-1 200 sessions are created in parallel with room for 10: exactly 10 are admitted, the others wait and say why', async () => {
  const all = await rush.start(200);
  expect(admitted(all)).toHaveLength(10);
  const waiting = all.filter(({ status }) => status?.phase === 'Pending' && status.reason === 'QuotaExceeded');
  expect(waiting).toHaveLength(190);
  // Each is made after its session was admitted.
  const sets = await eventually('ten desktops are made', async () => {
    const { items } = await client.list<Session>(RESOURCES.statefulSets, { namespace: NAMESPACE });
    const made = items.filter(({ metadata: { name } }) => name.startsWith(id));
    return made.length >= 10 && made;
  });
  expect(sets).toHaveLength(10);
  expect(waiting[0]?.status?.message).toMatch(
    /^10 of 10 running desktops of the template .* in use, needs 1 .*there is room when /,
  );
}, 120_000);

test('P-04-5 a create by the gateway is refused with what is missing, and what is left is told before', async () => {
  const member = apiAs(servers, 'member');
  const refused = await member.send('POST', `/namespaces/${NAMESPACE}/sessions`, { spec: { template: id } });
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ code: 'QuotaExceeded', fields: [{ path: 'sessionsRunning' }] });
  const left = await member.get(`/quota?namespace=${NAMESPACE}&template=${id}`);
  expect(left.body).toMatchObject({
    limits: [{ limit: 'sessionsRunning', scope: 'Template', used: '10', hard: '10', available: '0', needs: '1' }],
    refusal: { code: 'QuotaExceeded' },
  });
});

test('P-04-2 a quota lowered below what is in use kills nothing and says OverQuota; room that comes is given to the eldest', async () => {
  await client.mergePatch(RESOURCES.quotas, NAMESPACE, id, { spec: { limits: { sessionsRunning: 9 } } });
  await eventually('it is over', async () => {
    const { status } = await client.get<Quota>(RESOURCES.quotas, NAMESPACE, id);
    return findCondition(status?.conditions, 'OverQuota')?.status === 'True';
  });
  const before = admitted(await rush.sessions());
  expect(before).toHaveLength(10);
  for (const { metadata } of before.slice(0, 2)) await client.delete(RESOURCES.sessions, NAMESPACE, metadata.name);
  await eventually('one has taken the room of two', async () => {
    const now = admitted(await rush.sessions());
    expect(now.length).toBeLessThanOrEqual(10);
    return now.length === 9 && now.some(({ metadata }) => !before.some((other) => other.metadata.uid === metadata.uid));
  });
});

test('P-04-5 GPUs are counted, refused and rendered as limits of the extended resource', async () => {
  const name = `${id}-gpu`;
  const template = {
    ...{ displayName: name, image: 'localhost/none:1', home: { size: '1Mi' } },
    resources: { cpu: '1m', memory: '1Mi', gpu: { count: 2, resource: 'example.com/gpu' } },
  };
  await put(RESOURCES.templates, 'Template', name, template);
  await put(RESOURCES.quotas, 'Quota', name, { scope: 'Template', templates: [`${NAMESPACE}/${name}`], limits: { gpu: 3 } });
  await using _gone = removed(name);
  const wish = { template: name, owner: 'member', desiredState: 'Running' };
  await put(RESOURCES.sessions, 'Session', `${name}-1`, wish);
  await eventually('its pod asks for them', async () => {
    const pod = await client.find<{
      readonly spec: { readonly priorityClassName?: string; readonly containers: readonly object[] };
    }>(RESOURCES.pods, NAMESPACE, `${name}-1-0`);
    if (pod === undefined) return false;
    expect(pod.spec.containers[0]).toMatchObject({ resources: { limits: { 'example.com/gpu': '2' } } });
    expect(pod.spec.priorityClassName).toBe('streamspace-normal');
    return true;
  });
  await eventually(
    'it is told',
    async () => (await client.get<Quota>(RESOURCES.quotas, NAMESPACE, name)).status?.used?.gpu === '2',
  );
  const refused = await apiAs(servers, 'member').send('POST', `/namespaces/${NAMESPACE}/sessions`, { spec: { template: name } });
  expect(refused.body).toMatchObject({
    code: 'QuotaExceeded',
    fields: [{ path: 'gpu', message: '2 of 3 gpu in use, needs 2' }],
  });
});

test('CPU hours of a session that is deleted stay, in the ledger; a quota bounds how long a session runs', async () => {
  const name = `${id}-hours`;
  const template = {
    displayName: name,
    image: 'localhost/none:1',
    home: { size: '1Mi' },
    resources: { cpu: '1m', memory: '1Mi' },
  };
  await put(RESOURCES.templates, 'Template', name, template);
  const limits = { cpuHoursPerMonth: 1 };
  await put(RESOURCES.quotas, 'Quota', name, {
    ...{ scope: 'Template', templates: [`${NAMESPACE}/${name}`], limits, maxDuration: '2h' },
  });
  await using _gone = removed(name);
  await put(RESOURCES.sessions, 'Session', `${name}-1`, { template: name, owner: 'member', desiredState: 'Running' });
  let uid = '';
  await eventually('it is kept for the ledger, and has an end', async () => {
    const { metadata, status } = await client.get<Session>(RESOURCES.sessions, NAMESPACE, `${name}-1`);
    uid = metadata.uid ?? '';
    expect(metadata.finalizers ?? []).toContain('streamspace.io/session');
    const { lifetime, origins = [] } = status?.effectivePolicy ?? {};
    return (
      status?.admission?.running === true &&
      lifetime?.maxDuration?.seconds === 7_200 &&
      origins.some(({ field, from }) => field === 'maxDuration.seconds' && from === `Quota/${NAMESPACE}/${name}`)
    );
  });
  const { status } = await client.get<Session>(RESOURCES.sessions, NAMESPACE, `${name}-1`);
  // Times of deletions are whole seconds.
  await eventually('more than a second has passed', async () => Date.now() > Date.parse(status?.admission?.at ?? '') + 2_000);
  await client.delete(RESOURCES.sessions, NAMESPACE, `${name}-1`);
  await eventually('it is gone', async () => (await client.find(RESOURCES.sessions, NAMESPACE, `${name}-1`)) === undefined);
  const { items } = await client.list<KubeObjectJson & LedgerObject>(RESOURCES.configMaps, {
    namespace: 'streamspace',
    labelSelector: 'streamspace.io/usage',
  });
  const entries = items.flatMap((object) => readLedger(object)?.entries ?? []);
  const entry = entries.find(({ template: of }) => of === `${NAMESPACE}/${name}`);
  expect(entry).toMatchObject({ namespace: NAMESPACE, owner: 'member' });
  expect(Number(entry?.cpuSeconds)).toBeGreaterThan(0);
  expect(items.flatMap((object) => readLedger(object)?.closed ?? [])).toContain(uid);
});

test('the command tells what is left, what quotas there are, and why something would not start', async () => {
  const asMember = ['--as', 'member', '--team', 'web'];
  const refused = await command(['quota', 'explain', '--template', id, ...asMember]);
  expect(refused.stdout).toMatch(/^quota-\S+ would not start: .* running desktops of the template/);
  expect(refused.code).toBe(1);
  const rows = JSON.parse((await command(['quota', 'ls', '--json'])).stdout) as readonly { readonly name: string }[];
  expect(rows.map(({ name }) => name)).toContain(id);
  const shown = await command(['quota', 'show', `${NAMESPACE}/${id}`]);
  expect(shown.stdout).toMatch(/sessionsRunning +\d+ +9 +0 +\d+%/);
  expect((await command(['quota', ...asMember])).code).toBe(0);
  expect(await command(['quota', 'show', 'nosuch'])).toMatchObject({ code: 1, stdout: '' });
  expect(await command(['quota', '--as', 'member', '--team', 'nosuch'])).toMatchObject({ code: 2, stdout: '' });
});
