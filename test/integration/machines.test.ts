// Machines of a team at a real API server: with tokens of their ServiceAccount and with keys, and when each of these is worth nothing.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ApiKeyView } from '../../schemas/api/api-keys.ts';
import type { MachineList } from '../../schemas/api/machines.ts';
import { API_GROUP_VERSION, kubernetesUser, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { auditOf } from '../support/audit.ts';
import { streamspace } from '../support/command.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 8);
const TEAM = `machines-${ID}`;
const NAMESPACE = `team-${TEAM}`;
const MACHINES = [
  { name: 'ci', role: 'member', description: 'nightly tests' },
  { name: 'board', role: 'viewer' },
];
const admin = apiAs(servers, 'admin');
let client: OwnedKubeClient;

interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

async function ask<T = Problem>(secret: string, method: string, path: string, body?: unknown) {
  const requestId = randomUUID();
  const response = await fetch(`${servers.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'x-request-id': requestId },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, requestId, body: (text === '' ? {} : JSON.parse(text)) as T };
}

/** By TokenRequest, as a pod gets one. */
async function tokenOf(account: string, audience = 'streamspace', namespace = NAMESPACE): Promise<string> {
  const { status } = await client.json<{ readonly status: { readonly token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds: 600 },
    }),
  });
  return status.token;
}

const setMachines = (machines: readonly object[]): Promise<unknown> =>
  client.mergePatch(RESOURCES.teams, undefined, TEAM, { spec: { machines } });

const keysOf = (machine: string): string => `/teams/${TEAM}/machines/${machine}/api-keys`;

async function keyFor(machine: string, as = 'admin'): Promise<ApiKeyView & { readonly key: string }> {
  const answer = await apiAs(servers, as).send<ApiKeyView & { readonly key: string }>('POST', keysOf(machine), { name: 'it' });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

const untilAccount = (machine: string): Promise<string> =>
  eventually(`machine ${machine} has its ServiceAccount`, async () => {
    const found = await client.find(RESOURCES.serviceAccounts, NAMESPACE, `machine-${machine}`);
    return found?.metadata.uid;
  }).then(String);

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const members = [
    { user: 'lead', role: 'admin' },
    { user: 'member', role: 'member' },
  ];
  const team = {
    apiVersion: API_GROUP_VERSION,
    kind: 'Team',
    metadata: { name: TEAM },
    spec: { displayName: TEAM, members, machines: MACHINES },
  };
  await client.create(RESOURCES.teams, undefined, JSON.stringify(team));
  await untilAccount('ci');
  await untilAccount('board');
  for (const [user, verb, resource] of [
    ['lead', 'update', 'machines'],
    [`machine:${TEAM}.ci`, 'list', 'sessions'],
    [`machine:${TEAM}.board`, 'list', 'sessions'],
  ] as const) {
    const right = { group: 'streamspace.io', verb, resource, namespace: NAMESPACE };
    const who = { user: kubernetesUser(user), groups: ['system:authenticated'] };
    await eventually(`${user} has his rights`, async () => (await client.review(right, who)).allowed);
  }
  await eventually('the gateway knows the team', async () => (await admin.get(`/teams/${TEAM}/machines`)).status === 200);
});

afterAll(async () => {
  await client.delete(RESOURCES.teams, undefined, TEAM);
  await client[Symbol.asyncDispose]();
});

test('a token for our audience is the machine, with the rights of its role and no others', async () => {
  const token = await tokenOf('machine-ci');
  const me = await ask<{ readonly name: string; readonly teams: readonly object[] }>(token, 'GET', '/me');
  expect(me).toMatchObject({
    status: 200,
    body: {
      name: `machine:${TEAM}.ci`,
      groups: [],
      platformRole: null,
      teams: [{ name: TEAM, role: 'member' }],
      csrfToken: null,
    },
  });
  expect(me.headers.get('authentication-info')).toMatch(/^expires="20/);
  // The same as the API server says, of the user that the gateway acts as and of the ServiceAccount.
  const users = [
    { user: kubernetesUser(`machine:${TEAM}.ci`), groups: ['system:authenticated'] },
    { user: `system:serviceaccount:${NAMESPACE}:machine-ci`, groups: ['system:authenticated'] },
  ];
  for (const [verb, resource, may] of [
    ['list', 'sessions', true],
    ['create', 'sessions', true],
    ['update', 'machines', false],
    ['connect', 'sessions', false],
  ] as const)
    for (const who of users) {
      const review = await client.review({ group: 'streamspace.io', verb, resource, namespace: NAMESPACE }, who);
      expect({ verb, resource, user: who.user, may: review.allowed }).toEqual({ verb, resource, user: who.user, may });
    }
  expect((await ask(token, 'GET', `/namespaces/${NAMESPACE}/sessions`)).status).toBe(200);
  const other = await ask(token, 'GET', '/namespaces/team-web/sessions/nosuch');
  expect(other.status).toBe(403);
  expect(await auditOf(servers, other.requestId)).toMatchObject([{ type: 'request.refused', actor: `machine:${TEAM}.ci` }]);
  // It brings no cookie, so no page can send it: a change needs no CSRF token.
  const session = `m-${ID}`;
  const wish = { metadata: { name: session }, spec: { template: 'terminal' } };
  const started = await ask<{ readonly spec: { readonly owner: string } }>(
    token,
    'POST',
    `/namespaces/${NAMESPACE}/sessions`,
    wish,
  );
  expect(started).toMatchObject({ status: 201, body: { spec: { owner: `machine:${TEAM}.ci` } } });
  expect(await auditOf(servers, started.requestId)).toMatchObject([{ type: 'session.created', actor: `machine:${TEAM}.ci` }]);
  await eventually('its owner may end it', async () => {
    const { status } = await ask(token, 'DELETE', `/namespaces/${NAMESPACE}/sessions/${session}`);
    return status < 300;
  });
});

test('a token of another audience, or of an account that is no machine, opens nothing and is an event', async () => {
  const wrong = await ask(await tokenOf('machine-ci', 'vault'), 'GET', '/me');
  expect(wrong).toMatchObject({ status: 401, body: { code: 'MachineTokenInvalid' } });
  expect(await auditOf(servers, wrong.requestId)).toMatchObject([
    { type: 'machine.refused', actor: null, details: { why: 'invalid' } },
  ]);
  await eventually(
    'the namespace has its default account',
    async () => (await client.find(RESOURCES.serviceAccounts, NAMESPACE, 'default')) !== undefined,
  );
  const none = await ask(await tokenOf('default'), 'GET', '/me');
  expect(none).toMatchObject({ status: 401, body: { code: 'MachineTokenInvalid' } });
  expect(await auditOf(servers, none.requestId)).toMatchObject([{ type: 'machine.refused', details: { why: 'unknown' } }]);
});

test('a token is worth nothing a moment after its ServiceAccount was deleted, though a new one takes its place', async () => {
  const token = await tokenOf('machine-board');
  expect((await ask(token, 'GET', '/me')).status).toBe(200);
  const uid = await untilAccount('board');
  await client.delete(RESOURCES.serviceAccounts, NAMESPACE, 'machine-board');
  await eventually('another account is there', async () => (await untilAccount('board')) !== uid);
  await eventually('the token is refused', async () => (await ask(token, 'GET', '/me')).status === 401, { timeoutMs: 15_000 });
  expect((await ask(await tokenOf('machine-board'), 'GET', '/me')).status).toBe(200);
});

test('a team admin makes a key for a machine, in whose name it acts; he replaces and revokes it', async () => {
  const lead = apiAs(servers, 'lead');
  const requestId = randomUUID();
  const made = await lead.send<ApiKeyView & { readonly key: string }>(
    'POST',
    keysOf('ci'),
    { name: 'deploy', scopes: ['sessions:write'] },
    { 'x-request-id': requestId },
  );
  expect(made.status).toBe(201);
  const { id, key } = made.body;
  expect(await auditOf(servers, requestId)).toMatchObject([
    { type: 'apikey.created', actor: 'lead', object: `ApiKey/${id}`, details: { onBehalfOf: `machine:${TEAM}.ci` } },
  ]);
  expect((await ask(key, 'GET', `/namespaces/${NAMESPACE}/sessions`)).status).toBe(200);
  const narrowed = await ask(key, 'GET', '/me');
  expect(narrowed.status).toBe(403);
  expect(await auditOf(servers, narrowed.requestId)).toMatchObject([{ type: 'request.refused', actor: `machine:${TEAM}.ci` }]);
  const list = await lead.get<MachineList>(`/teams/${TEAM}/machines`);
  expect(list.body.items.find(({ name }) => name === 'ci')).toMatchObject({
    role: 'member',
    description: 'nightly tests',
    apiKeys: [{ id, name: 'deploy' }],
  });
  const next = await lead.send<{ readonly id: string; readonly key: string }>('POST', `${keysOf('ci')}/${id}/rotate`, {
    graceHours: 0,
  });
  expect(next.status).toBe(201);
  expect((await ask(key, 'GET', `/namespaces/${NAMESPACE}/sessions`)).status).toBe(401);
  expect((await ask(next.body.key, 'GET', `/namespaces/${NAMESPACE}/sessions`)).status).toBe(200);
  expect((await lead.send('DELETE', `${keysOf('ci')}/${next.body.id}`)).status).toBe(204);
  expect((await ask(next.body.key, 'GET', `/namespaces/${NAMESPACE}/sessions`)).status).toBe(401);
});

test('neither a member nor a machine makes keys for machines, and a machine makes none for itself', async () => {
  const member = apiAs(servers, 'member');
  expect((await member.get(`/teams/${TEAM}/machines`)).status).toBe(403);
  expect((await member.send('POST', keysOf('ci'), { name: 'x' })).status).toBe(403);
  const token = await tokenOf('machine-ci');
  expect((await ask(token, 'POST', '/me/api-keys', { name: 'x' })).status).toBe(403);
  expect((await ask(token, 'POST', keysOf('ci'), { name: 'x' })).status).toBe(403);
  const { id, key } = await keyFor('ci');
  expect((await ask(key, 'POST', '/me/api-keys', { name: 'x' })).status).toBe(403);
  expect((await admin.send('DELETE', `${keysOf('ci')}/${id}`)).status).toBe(204);
});

test('of a machine that a binding gives more than its team has, a team admin makes no key', async () => {
  const binding = {
    apiVersion: API_GROUP_VERSION,
    kind: 'AccessBinding',
    metadata: { name: `wider-${ID}`, namespace: SYSTEM_NAMESPACE },
    spec: {
      subject: { user: `machine:${TEAM}.board` },
      roleRef: 'auditor',
      scope: { platform: true },
      reason: 'reads the audit log',
    },
  };
  await client.create(RESOURCES.accessBindings, SYSTEM_NAMESPACE, JSON.stringify(binding));
  try {
    const refused = await apiAs(servers, 'lead').send('POST', keysOf('board'), { name: 'x' });
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining(`wider-${ID}`) } });
    const { id } = await keyFor('board');
    expect((await admin.send('DELETE', `${keysOf('board')}/${id}`)).status).toBe(204);
  } finally {
    await client.delete(RESOURCES.accessBindings, SYSTEM_NAMESPACE, `wider-${ID}`);
  }
});

test('a locked machine is let in with nothing, until it is unlocked', async () => {
  const { key } = await keyFor('ci');
  const token = await tokenOf('machine-ci');
  const path = `/people/${encodeURIComponent(`machine:${TEAM}.ci`)}/lock`;
  expect((await admin.send('PUT', path, { reason: 'leaked' })).status).toBe(204);
  for (const secret of [key, token]) expect((await ask(secret, 'GET', '/me')).body.code).toBe('PersonLocked');
  expect((await admin.send('DELETE', path)).status).toBe(204);
  for (const secret of [key, token]) expect((await ask(secret, 'GET', '/me')).status).toBe(200);
});

test('a machine that leaves its team loses token and key, and a list that it watches ends within 5 s', async () => {
  const { key } = await keyFor('ci');
  const token = await tokenOf('machine-ci');
  const watched = await Promise.all(
    [key, token].map((secret) =>
      fetch(`${servers.url}/api/v1/namespaces/${NAMESPACE}/sessions`, {
        headers: { authorization: `Bearer ${secret}`, accept: 'text/event-stream' },
      }),
    ),
  );
  const ended = Promise.all(watched.map((response) => response.text().catch(() => 'cut')));
  await setMachines(MACHINES.filter(({ name }) => name !== 'ci'));
  const startedAt = performance.now();
  await ended;
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  const byKey = await ask(key, 'GET', '/me');
  expect(byKey).toMatchObject({ status: 401, body: { code: 'ApiKeyInvalid' } });
  expect(await auditOf(servers, byKey.requestId)).toMatchObject([{ type: 'apikey.refused', details: { why: 'removed' } }]);
  expect((await ask(token, 'GET', '/me')).body.code).toBe('MachineTokenInvalid');
  await eventually(
    'its ServiceAccount is gone',
    async () => (await client.find(RESOURCES.serviceAccounts, NAMESPACE, 'machine-ci')) === undefined,
  );
  await setMachines(MACHINES);
  await untilAccount('ci');
  // Who put it back in wants it to work again.
  await eventually('its key works again', async () => (await ask(key, 'GET', '/me')).status === 200);
});

test('the command lists machines, makes, replaces and revokes their keys, and comes with a token from a file', async () => {
  const state = ['--state', servers.stateDir];
  const list = await streamspace(['machines', 'ls', TEAM, ...state]);
  expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining(`machine:${TEAM}.board`) });
  const made = await streamspace(['machines', 'keys', 'create', TEAM, 'board', 'command', '--days', '3', ...state]);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ssk_\w+\n$/) });
  const key = made.stdout.trim();
  const id = key.split('_')[1] ?? '';
  const remote = ['--server', servers.url];
  // As the machine: it replaces its own key, and is told that this one ends soon.
  const next = await streamspace(['keys', 'rotate', id, '--grace', '0', ...remote], { env: { STREAMSPACE_API_KEY: key } });
  expect(next).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ssk_\w+\n$/),
    stderr: expect.stringContaining('warning: this API key ends at'),
  });
  const keys = await streamspace(['machines', 'keys', 'ls', TEAM, 'board', ...state]);
  expect(keys.stdout).toMatch(new RegExp(`${id} .*ended`));
  const nextId = next.stdout.split('_')[1] ?? '';
  expect(keys.stdout).toMatch(new RegExp(`${nextId} .*ends within 7 days`));
  expect((await streamspace(['machines', 'keys', 'revoke', TEAM, 'board', nextId, ...state])).code).toBe(0);
  const unknown = await streamspace(['machines', 'keys', 'ls', TEAM, 'nosuch', ...state]);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('NotFound') });
  const scope = await streamspace(['keys', 'create', 'x', '--scope', 'sessions:delete', ...state]);
  expect(scope).toMatchObject({ code: 2, stderr: expect.stringContaining('sessions:write') });
  const mine = await streamspace(['keys', 'ls', '--json', '--as', 'viewer', ...state]);
  expect(JSON.parse(mine.stdout)).toContainEqual(expect.objectContaining({ name: 'local installation' }));
});
