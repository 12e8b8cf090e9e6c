// A change that breaks the sync, at a running installation: the controller asks for it to be undone, once, and somebody approves that.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser, SYSTEM_REQUESTER } from '../../schemas/names.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const TIMEOUT_MS = 120_000;
const template = (displayName: string): string => `# Ours.
apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: own
spec:
  displayName: ${displayName} # as people see it
  image: example.com/none:1
`;

let world: World;
beforeAll(async () => {
  world = await freshWorld(servers, {
    spec: {
      ...{ interval: '5s', timeout: '5s', wait: true },
      health: [{ kind: `${API_GROUP}/Template`, healthy: 'true', failed: 'self.spec.displayName == "Broken"' }],
      changes: {
        ...{ secretRef: { name: 'push' }, branchPrefix: 'streamspace/change/', requireApprovals: 0, expireAfter: '720h' },
        autoRollback: { onFailure: true, onDegraded: false, afterSeconds: 1 },
      },
    },
    clusterRules: [{ apiGroups: [API_GROUP], resources: ['templates'], verbs: ['*'] }],
  });
  await world.kubectl(['create', 'secret', 'generic', 'push', '--from-literal=password=any']);
  await world.repository.git('-C', world.repository.bare, 'config', 'http.receivepack', 'true');
  const user = `--user=${kubernetesUser('lead')}`;
  await world.kubectl([
    'create',
    'role',
    'changes',
    '--verb=create,get,update,patch,approve',
    '--resource=changerequests.streamspace.io',
  ]);
  await world.kubectl(['create', 'rolebinding', 'changes', '--role=changes', user]);
  await world.apply({ 'own.yaml': template('Good') });
}, 300_000);
afterAll(async () => await world[Symbol.asyncDispose]());

const all = async (): Promise<readonly ChangeRequest[]> =>
  (await world.client.list<ChangeRequest>(RESOURCES.changeRequests, { namespace: world.namespace })).items;

async function until(name: string, holds: (change: ChangeRequest) => boolean): Promise<ChangeRequest> {
  let last: readonly ChangeRequest[] = [];
  return await eventually(
    name,
    async () => {
      last = await all();
      return last.find((change) => change.metadata.name === name && holds(change));
    },
    { timeoutMs: TIMEOUT_MS },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; there are ${JSON.stringify(last)}`);
  });
}

const bodyOf = (name: string, spec: object): string =>
  JSON.stringify({
    ...{ apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name, namespace: world.namespace } },
    spec: { target: { namespace: world.namespace, name: 'sync' }, reason: 'a test', ...spec },
  });

test('S-106 what a change breaks is asked to be undone once, in the name of the controller, and is so once somebody has approved', async () => {
  const { namespace, client, repository } = world;
  const lead = client.as({ user: kubernetesUser('lead'), groups: [...kubernetesGroups([]), 'system:authenticated'] });
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name: 'own' };
  const edits = [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.displayName', value: '"Broken"' }] }];
  const asked = { requestedBy: { name: 'lead', mayApprove: true }, edits };
  await lead.create(RESOURCES.changeRequests, namespace, bodyOf('breaks', asked));
  const broken = await until('breaks', ({ status }) => status?.rollback !== undefined);
  expect(broken.status).toMatchObject({ phase: 'Merged' });
  expect(broken.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Settled', status: 'False', reason: 'HealthFailed' }),
  );

  const name = broken.status?.rollback?.name ?? '';
  const open = await until(name, ({ status }) => status?.phase === 'Open' && status.commit !== undefined);
  expect(open.spec).toMatchObject({
    requestedBy: { name: SYSTEM_REQUESTER, mayApprove: false },
    rollback: { commits: [broken.status?.mergeCommit] },
  });
  // What people ask for who may approve needs nobody here; this does.
  expect(open.status?.approvalsNeeded).toBe(1);
  const review = { by: 'lead', verdict: 'Approve', commit: open.status?.commit, at: new Date().toISOString() };
  await lead.mergePatch(RESOURCES.changeRequests, namespace, name, { spec: { reviews: [review] } }, { fieldManager: 'test' });
  await until(name, ({ status }) => status?.phase === 'Applied');
  expect(await repository.git('-C', repository.bare, 'show', 'main:own.yaml')).toBe(template('Good').trimEnd());
  const mended = await until('breaks', ({ status }) => status?.phase === 'Applied');
  expect(mended.status?.rollback).toEqual({ name });
  expect(await all()).toHaveLength(2);
}, 300_000);

test('what a change touched and what fails once it is applied is told, and asked to be undone; a rejection is the last word', async () => {
  const { namespace, client } = world;
  await world.patch({
    spec: { wait: false, changes: { autoRollback: { onFailure: false, onDegraded: true, afterSeconds: 0 } } },
  });
  const lead = client.as({ user: kubernetesUser('lead'), groups: [...kubernetesGroups([]), 'system:authenticated'] });
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name: 'own' };
  const set = (value: string) => ({ op: 'Set', path: 'spec.displayName', value: JSON.stringify(value) });
  const ask = async (name: string, title: string): Promise<void> => {
    const edits = [{ action: 'Patch', object, changes: [set(title)] }];
    const asked = { requestedBy: { name: 'lead', mayApprove: true }, edits };
    await lead.create(RESOURCES.changeRequests, namespace, bodyOf(name, asked));
  };
  await ask('degrades', 'Broken');
  const unwell = await until('degrades', ({ status }) => status?.rollback !== undefined);
  expect(unwell.status).toMatchObject({ phase: 'Applied', result: { revision: unwell.status?.mergeCommit } });
  expect(unwell.status?.conditions).toContainEqual(
    expect.objectContaining({
      ...{ type: 'Settled', status: 'False', reason: 'Degraded' },
      message: expect.stringContaining(`Template ${namespace}/own`),
    }),
  );
  await eventually('there is an Event', async () =>
    (await world.kubectl(['get', 'events', '--field-selector=involvedObject.name=degrades,type=Warning'])).includes('Degraded'),
  );

  const name = unwell.status?.rollback?.name ?? '';
  await until(name, ({ status }) => status?.phase === 'Open');
  const review = { by: 'lead', verdict: 'Reject', commit: unwell.status?.commit, at: new Date().toISOString() };
  await lead.mergePatch(RESOURCES.changeRequests, namespace, name, { spec: { reviews: [review] } }, { fieldManager: 'test' });
  await until(name, ({ status }) => status?.phase === 'Rejected');
  // Somebody mends it with another change: then it is well.
  await ask('mends', 'Mended');
  await until(
    'degrades',
    ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Settled' && is === 'Unknown') === true,
  );
  expect((await all()).map((change) => change.metadata.name).filter((each) => each.startsWith('rollback-'))).toHaveLength(2);
}, 300_000);

test('nobody else asks in the name of the controller, whatever his rights', async () => {
  const { namespace, client } = world;
  const rollback = { commits: ['0'.repeat(40)] };
  const requestedBy = { name: SYSTEM_REQUESTER, mayApprove: false };
  const groups = [...kubernetesGroups([]), 'system:authenticated', 'system:masters'];
  for (const writer of [client, client.as({ user: kubernetesUser(SYSTEM_REQUESTER), groups })])
    await expect(writer.create(RESOURCES.changeRequests, namespace, bodyOf('forged', { requestedBy, rollback }))).rejects.toThrow(
      /made by whoever asks/,
    );
}, 60_000);
