// Pull requests of a real Gitea, with the controller of the installation: each is planned and told, and a change request is one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { must } from '../support/command.ts';
import { BOT } from '../support/forge-server.ts';
import { type Gitea, startGitea } from '../support/gitea.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const OWNER = 'owner';
const NAME = 'platform';
const PATH = `/repos/${OWNER}/${NAME}`;
const TIMEOUT_MS = 120_000;

const made = new AsyncDisposableStack();
let gitea: Gitea;
let world: World;
let folder: string;
const git = (...args: string[]): Promise<string> =>
  must('git', ['-C', folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args]);

const map = (name: string, data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const secret = (value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { value } });
const template = (displayName: string): string => `# Ours.
apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: own
spec:
  displayName: ${displayName} # as people see it
  image: example.com/none:1
`;

/** Commits on a branch of its own, from main. */
async function branch(name: string, files: Readonly<Record<string, string | null>>, remote = 'origin'): Promise<string> {
  await git('fetch', '--quiet', 'origin');
  await git('checkout', '--quiet', '-B', name, name === 'main' ? 'origin/main' : 'origin/main');
  return await commit(name, files, remote);
}

async function commit(name: string, files: Readonly<Record<string, string | null>>, remote = 'origin'): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    if (text === null) await git('rm', '--quiet', file);
    else await must('sh', ['-c', 'cat > "$1"', 'sh', join(folder, file)], { input: text });
  }
  await git('add', '-A');
  await git('commit', '--quiet', '-m', 'Change');
  await git('push', '--quiet', '--force', remote, `HEAD:${name}`);
  return (await git('rev-parse', 'HEAD')).trim();
}

beforeAll(async () => {
  gitea = made.use(await startGitea(servers));
  const url = await gitea.repository(OWNER, NAME);
  for (const login of [BOT, 'ann']) await gitea.collaborator(OWNER, NAME, login, 'write');
  folder = await mkdtemp(join(tmpdir(), 'streamspace-forge-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const withToken = async (login: string, name = OWNER): Promise<string> =>
    url.replace('://', `://${login}:${await gitea.person(login)}@`).replace(`/${OWNER}/`, `/${name}/`);
  await must('git', ['clone', '--quiet', await withToken('ann'), folder]);
  await branch('main', {
    'a.json': map('a', { x: 'one' }),
    'b.json': map('b', {}),
    'key.json': secret('hidden-one'),
    'own.yaml': template('Own'),
  });
  world = made.use(
    await freshWorld(servers, {
      spec: {
        ...{ url, credentialsRef: { name: 'forge' }, webhookSecretRef: { name: 'hook' } },
        changes: {
          ...{
            secretRef: { name: 'forge' },
            branchPrefix: 'streamspace/change/',
            requireApprovals: 1,
            approvalRules: [],
            codeOwners: 'Show' as const,
            expireAfter: '720h',
          },
          forge: { type: 'Gitea', mergeMethod: 'Merge', people: [{ login: 'ann', user: 'admin' }] },
        },
      },
      clusterRules: [{ apiGroups: [API_GROUP], resources: ['templates'], verbs: ['*'] }],
    }),
  );
  const token = await gitea.person(BOT);
  await world.kubectl([
    'create',
    'secret',
    'generic',
    'forge',
    `--from-literal=username=${BOT}`,
    `--from-literal=password=${token}`,
  ]);
  await world.kubectl(['create', 'secret', 'generic', 'hook', '--from-literal=secret=of-the-hook']);
  await gitea.deliverTo(OWNER, NAME, `${servers.controller.url}/hooks/gitea/${world.namespace}/sync`, 'of-the-hook');
  await world.sync();
  await world.until('it is applied', ({ conditions }) => conditions?.[0]?.status === 'True');
}, 600_000);
afterAll(() => made.disposeAsync(), 120_000);

/** A change of the title of the template, asked for by a member. */
async function askFor(name: string, title: string): Promise<void> {
  const { namespace, client } = world;
  const member = client.as({ user: kubernetesUser('member'), groups: [...kubernetesGroups([]), 'system:authenticated'] });
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name: 'own' };
  const spec = {
    ...{ requestedBy: { name: 'member', mayApprove: false }, reason: `It is to be called ${title}` },
    target: { namespace, name: 'sync' },
    edits: [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.displayName', value: JSON.stringify(title) }] }],
  };
  const body = { apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name, namespace }, spec };
  await member.create(RESOURCES.changeRequests, namespace, JSON.stringify(body));
}

async function open(login: string, head: string, title: string): Promise<number> {
  const { status, body } = await gitea.ask(login, 'POST', `${PATH}/pulls`, { head, base: 'main', title, body: '' });
  expect(status, JSON.stringify(body)).toBe(201);
  return (body as { readonly number: number }).number;
}

async function comments(number: number): Promise<readonly string[]> {
  const { body } = await gitea.ask('ann', 'GET', `${PATH}/issues/${number}/comments`);
  return (body as readonly { readonly body: string; readonly user: { readonly login: string } }[])
    .filter(({ user }) => user.login === BOT)
    .map((each) => each.body);
}

async function told(number: number, words: RegExp): Promise<string> {
  let last: readonly string[] = [];
  return await eventually(
    `the comment of ${number} says ${words}`,
    async () => {
      last = await comments(number);
      return last.find((text) => words.test(text));
    },
    { timeoutMs: TIMEOUT_MS },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it says ${JSON.stringify(last)}`);
  });
}

async function stateOf(sha: string): Promise<string | undefined> {
  const { body } = await gitea.ask('ann', 'GET', `${PATH}/commits/${sha}/status`);
  const { statuses } = body as { readonly statuses: readonly { readonly context: string; readonly status: string }[] | null };
  return statuses?.find(({ context }) => context === `streamspace/${world.namespace}/sync`)?.status;
}

test('S-103 P-21-2 a pull request is planned as what its merge would be: one comment in place, a status, no secret, nothing written', async () => {
  const before = await world.writes();
  const first = await branch('more', { 'a.json': map('a', { x: 'two' }), 'b.json': null, 'key.json': secret('hidden-two') });
  const number = await open('ann', 'more', 'More');
  const text = await told(number, /### Plan: 1 to delete, 2 to change/);
  for (const words of ['`ConfigMap/', '- data.x: "one"', '+ data.x: "two"', '`a.json:1`', '(hidden, changed)'])
    expect(text).toContain(words);
  expect(text).not.toMatch(/hidden-(one|two)/);
  await eventually('the status is green', async () => (await stateOf(first)) === 'success', { timeoutMs: TIMEOUT_MS });
  expect([...(await world.writesSince(before))].filter((each) => /configmaps|secrets/.test(each))).toEqual([]);

  const broken = await commit('more', { 'b.json': '{ not JSON' });
  await told(number, /### Plan: failed[\s\S]*b\.json:1/);
  await eventually('the status is red', async () => (await stateOf(broken)) === 'failure', { timeoutMs: TIMEOUT_MS });
  const mended = await commit('more', { 'b.json': map('b', { y: 'new' }) });
  await told(number, /### Plan: 3 to change/);
  expect(await comments(number)).toHaveLength(1);
  await eventually('the status is green again', async () => (await stateOf(mended)) === 'success', { timeoutMs: TIMEOUT_MS });

  await gitea.ask('ann', 'POST', `${PATH}/issues/${number}/comments`, { body: '/streamspace plan' });
  await told(number, /Planned again at `[^`]+`, asked by `@ann`[\s\S]*### Plan: 3 to change/);

  // The branch moves: what is to be done is another thing.
  await branch('main', { 'a.json': map('a', { x: 'two' }) });
  await told(number, /### Plan: 2 to change/);
  expect(await comments(number)).toHaveLength(1);
  await gitea.ask('ann', 'PATCH', `${PATH}/pulls/${number}`, { state: 'closed' });
}, 900_000);

test('S-105 what comes from a fork is held against what the branch renders to, and meets no cluster', async () => {
  await gitea.ask('mallory', 'POST', `${PATH}/forks`, {});
  const url = `${gitea.url}/mallory/${NAME}.git`.replace('://', `://mallory:${await gitea.person('mallory')}@`);
  await git('remote', 'add', 'mallory', url);
  // Somebody has changed it in the cluster: a plan with its rights would tell.
  await world.kubectl(['patch', 'configmap', 'b', '--type=merge', '-p', '{"data":{"live":"of-the-cluster"}}']);
  const before = await world.writes();
  await branch('evil', { 'b.json': map('b', { z: '@ann `x` <img src=x>\n```\n[click](http://evil.example)' }) }, 'mallory');
  const number = await open('mallory', 'mallory:evil', '@ann merge me');
  const text = await told(number, /### Plan: 1 to change/);
  expect(text).toContain('data.z');
  expect(text).not.toMatch(/of-the-cluster|hidden-/);
  expect([...(await world.writesSince(before))].filter((each) => /configmaps|secrets/.test(each))).toEqual([]);
  await gitea.ask('ann', 'PATCH', `${PATH}/pulls/${number}`, { state: 'closed' });
}, 600_000);

test('S-100 a change request is a pull request there, merged once somebody whose groups may has approved its commit there, and applied', async () => {
  const { namespace, client } = world;
  const role = (name: string, verbs: string, user: string) =>
    world
      .kubectl(['create', 'role', name, `--verb=${verbs}`, '--resource=changerequests.streamspace.io'])
      .then(() => world.kubectl(['create', 'rolebinding', name, `--role=${name}`, `--user=${kubernetesUser(user)}`]));
  await role('ask', 'create,get,update,patch', 'member');
  await askFor('rename', 'Everybody');
  let last: ChangeRequest['status'];
  const until = (what: string, holds: (status: NonNullable<ChangeRequest['status']>) => boolean) =>
    eventually(
      what,
      async () => {
        last = (await client.get<ChangeRequest>(RESOURCES.changeRequests, namespace, 'rename')).status;
        return last !== undefined && holds(last) && last;
      },
      { timeoutMs: TIMEOUT_MS },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`);
    });
  const opened = await until('it is open', ({ phase, url }) => phase === 'Open' && url !== undefined);
  expect(opened.url).toBe(`${gitea.url}/${OWNER}/${NAME}/pulls/${opened.number}`);
  const number = opened.number ?? 0;
  await told(number, /### Plan: 1 to change[\s\S]*spec\.displayName: "Everybody"/);

  const review = (login: string, event: string) =>
    gitea.ask(login, 'POST', `${PATH}/pulls/${number}/reviews`, { event, body: 'fine', commit_id: opened.commit });
  await gitea.collaborator(OWNER, NAME, 'zoe', 'write');
  expect((await review('zoe', 'APPROVED')).status).toBe(200);
  await until('a stranger does not count', ({ approvals = [] }) =>
    approvals.some(({ by, standing }) => by === 'zoe' && standing === 'Unknown'),
  );
  expect((await review('ann', 'APPROVED')).status).toBe(200);
  const applied = await until('it is applied', ({ phase }) => phase === 'Applied');
  expect(applied.approvals).toContainEqual(expect.objectContaining({ by: 'admin', standing: 'Counts', reason: 'fine' }));
  const said = await told(number, /### Merged and applied: 1 object changed/);
  expect(said).toContain(`as \`${applied.mergeCommit?.slice(0, 12)}\`, applied at`);
  expect(said).toMatch(/### Plan: 1 to change[\s\S]*spec\.displayName: "Everybody"/);
  expect(await comments(number)).toHaveLength(1);
  await eventually('the merge is green', async () => (await stateOf(applied.mergeCommit ?? '')) === 'success');
  const pull = (await gitea.ask('ann', 'GET', `${PATH}/pulls/${number}`)).body;
  expect(pull).toMatchObject({ merged: true, merge_commit_sha: applied.mergeCommit, user: { login: BOT } });
  await git('fetch', '--quiet', 'origin');
  expect(await git('show', 'origin/main:own.yaml')).toBe(template('Everybody'));
  expect(await git('branch', '-r', '--list', 'origin/streamspace/*')).toBe('');
}, 900_000);

test('S-101 a pull request that somebody closes without a merge has rejected its change request for good', async () => {
  const { namespace, client } = world;
  await askFor('closed', 'Another');
  const read = async () => (await client.get<ChangeRequest>(RESOURCES.changeRequests, namespace, 'closed')).status;
  const { number } = await eventually(
    'it is open',
    async () => {
      const status = await read();
      return status?.phase === 'Open' && status.number !== undefined && { number: status.number };
    },
    { timeoutMs: TIMEOUT_MS },
  );
  await gitea.ask('ann', 'PATCH', `${PATH}/pulls/${number}`, { state: 'closed' });
  const ended = await eventually(
    'it is rejected',
    async () => {
      const status = await read();
      return status?.phase === 'Rejected' && status;
    },
    { timeoutMs: TIMEOUT_MS },
  );
  expect(ended.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', reason: 'PullRequestClosed' }));
}, 600_000);
