// What people see of a GitSync and do with it: the API as a person uses it, and the command as a process.
import { expect, inject, test } from 'vitest';
import type { ObjectDiff, ObjectExplanation, SyncTree, SyncView } from '../../schemas/api/syncs.ts';
import { type ApiAs, apiAs } from '../support/api.ts';
import { type Finished, streamspace } from '../support/command.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const A = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: one\n  l: same\n';
const map = (name: string): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nowhere.invalid/web, resources: {requests: {cpu: 0.1}}}]}
`;

interface List {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly SyncView[];
}

const pathOf = ({ namespace }: World): string => `/namespaces/${namespace}/gitsyncs/sync`;
const objectIn = (world: World, group: string, kind: string, name: string): string =>
  `${pathOf(world)}/objects/${group}/${kind}/${world.namespace}/${name}`;

async function body<T>(api: ApiAs, path: string): Promise<T> {
  const answer = await api.get<T>(path);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

async function historyOf(api: ApiAs, world: World, count: number): Promise<readonly SyncView[]> {
  return await eventually(`${count} rows of history`, async () => {
    const { items } = await body<List>(api, `${pathOf(world)}/history`);
    const told = items.filter(({ code }) => code !== 'GitRefNotFound');
    return told.length >= count && told;
  });
}

function command(world: World, args: readonly string[], as = 'admin'): Promise<Finished> {
  return streamspace([...args, '-n', world.namespace, '--as', as, '--state', servers.stateDir]);
}

test('a sync that a person asks for is in the history under his name, which nobody else can write', async () => {
  await using world = await freshWorld(servers);
  const admin = apiAs(servers, 'admin');
  await world.apply({ 'a.yaml': A });
  const { requestedAt } = (await admin.send<{ requestedAt: string }>('POST', `${pathOf(world)}/sync`)).body;
  await world.until('the request is handled', (now) => now.handledRequest === requestedAt);
  const [newest] = await historyOf(admin, world, 2);
  expect(newest).toMatchObject({ trigger: 'request', requestedBy: 'admin', requestedByVerified: true, result: 'synced' });
  const forged = ['annotate', 'gitsync', 'sync', '--overwrite', 'streamspace.io/sync-requested-at=x'];
  await expect(world.kubectl([...forged, 'streamspace.io/sync-requested-by=x streamspace:user:admin'])).rejects.toThrow(
    /may name only who writes them/,
  );
  // The name that is there already must not come to stand beside a new wish of the same value.
  await world.sync();
  await expect(world.kubectl([...forged.slice(0, 4), `streamspace.io/sync-requested-at=${requestedAt}`])).rejects.toThrow(
    /may name only who writes them/,
  );
});

test('the history comes newest first in pages', async () => {
  await using world = await freshWorld(servers);
  const admin = apiAs(servers, 'admin');
  for (const word of ['one', 'two', 'three']) await world.apply({ 'a.yaml': A.replace('one', word) });
  const all = await historyOf(admin, world, 3);
  const first = await body<List>(admin, `${pathOf(world)}/history?limit=2`);
  expect(first.items.map(({ id }) => id)).toEqual(all.slice(0, 2).map(({ id }) => id));
  const second = await body<List>(admin, `${pathOf(world)}/history?limit=2&continue=${first.metadata.continue}`);
  expect(second.items[0]?.id).toBe(all[2]?.id);
  expect((await admin.get(`${pathOf(world)}/history?continue=x`)).status).toBe(400);
});

test('tree, explanation and live difference of objects; what others add is no difference, what they change is', async () => {
  await using world = await freshWorld(servers, { spec: { wait: false } });
  const admin = apiAs(servers, 'admin');
  const { revision } = await world.apply({ 'a.yaml': A, 'apps/web.yaml': DEPLOYMENT });
  const tree = await eventually('the pod is in the tree', async () => {
    const now = await body<SyncTree>(admin, `${pathOf(world)}/tree`);
    return now.items.some(({ children, commit }) => commit !== null && children[0]?.children.length === 1) && now;
  });
  expect(tree.items.map(({ kind, file, line, commit }) => [kind, file, line, commit?.revision])).toEqual([
    ['ConfigMap', 'a.yaml', 1, revision],
    ['Deployment', 'apps/web.yaml', 1, revision],
  ]);
  expect(tree.items[1]?.children).toMatchObject([{ kind: 'ReplicaSet', children: [{ kind: 'Pod' }] }]);
  // The API server writes 0.1 as 100m and adds a dozen defaults: none of that differs.
  expect(await body<ObjectDiff>(admin, `${objectIn(world, 'apps', 'Deployment', 'web')}/diff`)).toMatchObject({ state: 'same' });

  await admin.send('POST', `${pathOf(world)}/suspend`);
  await world.until('it is suspended', (now) => now.conditions?.[0]?.reason === 'Suspended');
  await world.kubectl(['patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"k":"changed","extra":"mine"}}']);
  const diff = await body<ObjectDiff>(admin, `${objectIn(world, 'core', 'ConfigMap', 'a')}/diff`);
  expect(diff).toMatchObject({ state: 'different', differences: [{ path: 'data.k', wanted: 'one', live: 'changed' }] });
  const explained = await body<ObjectExplanation>(admin, objectIn(world, 'core', 'ConfigMap', 'a'));
  expect(explained).toMatchObject({
    file: 'a.yaml',
    line: 1,
    revision,
    applied: revision,
    commit: { revision, author: expect.any(String) },
  });
  expect(explained.managers?.map(({ manager }) => manager).sort()).toEqual(['kubectl-patch', 'streamspace-sync']);
  expect((await admin.get(objectIn(world, 'core', 'ConfigMap', 'nothing'))).status).toBe(404);

  const printed = await command(world, ['diff', 'sync', 'configmap/a', '--detailed-exitcode']);
  expect(printed).toMatchObject({ code: 2, stdout: expect.stringContaining('data.k: "changed" in the cluster, "one" in Git') });
  expect((await command(world, ['explain', 'ConfigMap/a'])).stdout).toMatch(new RegExp(`a\\.yaml:1[\\s\\S]*${revision}`));
  expect((await command(world, ['tree'])).stdout).toMatch(/ConfigMap \S+\/a {2}Healthy {2}a\.yaml:1\n[\s\S]*ReplicaSet/);
  await admin.send('POST', `${pathOf(world)}/resume`);
  await eventually('the drift is repaired', async () => {
    const now = await body<ObjectDiff>(admin, `${objectIn(world, 'core', 'ConfigMap', 'a')}/diff`);
    return now.state === 'same';
  });
  expect((await historyOf(admin, world, 2))[0]).toMatchObject({ trigger: 'resume', written: 1 });
  expect((await command(world, ['diff', 'sync', 'configmap/a', '--detailed-exitcode'])).code).toBe(0);
});

test('S-007 S-071 deletions are confirmed for exactly the revision that was looked at, by whoever may', async () => {
  await using world = await freshWorld(servers, {
    spec: { prune: { enabled: true, maxDeletions: 1, maxDeletionPercent: 50, never: [] } },
  });
  const admin = apiAs(servers, 'admin');
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await world.apply(Object.fromEntries(names.map((name) => [`${name}.yaml`, map(name)])));
  const old = (await world.status()).revision ?? '';
  const sha = await world.push(Object.fromEntries(names.slice(1).map((name) => [`${name}.yaml`, null])));
  await world.until('it waits', (now) => now.conditions?.[0]?.reason === 'DeletionsBlocked');
  expect((await admin.send('POST', `${pathOf(world)}/confirm`, { revision: old })).body).toMatchObject({ code: 'PlanOutdated' });
  expect(await body(admin, pathOf(world))).toMatchObject({ may: { update: true } });
  expect(await body(apiAs(servers, 'auditor'), pathOf(world))).toMatchObject({ may: { update: false } });
  expect(await command(world, ['confirm', 'sync', '--revision', sha], 'auditor')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Forbidden'),
  });
  expect(await command(world, ['confirm', 'sync', '--revision', 'short'])).toMatchObject({ code: 2 });
  expect(await command(world, ['confirm', 'sync', '--revision', sha])).toMatchObject({ code: 0 });
  await world.until('it is done', (now) => now.revision === sha);
  const history = await historyOf(admin, world, 3);
  expect(history[0]).toMatchObject({ trigger: 'confirm', requestedBy: 'admin', requestedByVerified: true, deleted: 5 });
  expect((await command(world, ['history', 'sync'])).stdout).toMatch(/ {2}synced +confirm +admin +0 +5/);
  const json = JSON.parse((await command(world, ['history', 'sync', '--json'])).stdout) as readonly SyncView[];
  expect(json.map(({ id }) => id)).toEqual((await body<List>(admin, `${pathOf(world)}/history`)).items.map(({ id }) => id));
});

test('S-060 a Secret shows its keys and none of its values, and only to whoever may read it', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 's.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: never-shown}\n' });
  const admin = apiAs(servers, 'admin');
  await historyOf(admin, world, 1);
  await eventually('it is in the tree', async () => (await body<SyncTree>(admin, `${pathOf(world)}/tree`)).items.length === 1);
  expect((await admin.get(`${objectIn(world, 'core', 'Secret', 's')}/diff`)).status).toBe(403);
  const subject = ['--user=streamspace:user:admin', '--role=reads-secrets'];
  await world.kubectl(['create', 'role', 'reads-secrets', '--verb=get', '--resource=secrets']);
  await world.kubectl(['create', 'rolebinding', 'reads-secrets', ...subject]);
  const diff = await eventually('the right is there', async () => {
    const answer = await admin.get<ObjectDiff>(`${objectIn(world, 'core', 'Secret', 's')}/diff`);
    return answer.status === 200 && answer.body;
  });
  expect(diff).toMatchObject({ state: 'same', live: { data: { password: '(hidden)' } } });
  expect(JSON.stringify(diff)).not.toMatch(/never-shown|bmV2ZXItc2hvd24/);
});
