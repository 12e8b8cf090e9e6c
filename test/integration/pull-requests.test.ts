// Pull requests of a real Gitea, with the controller of the installation: each is planned and told, and a change request is one.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { BOT } from '../support/forge-server.ts';
import { type GiteaWorld, giteaWorld, NAME, OWNER } from '../support/gitea-world.ts';
import { eventually } from '../support/wait.ts';
import type { World } from '../support/world.ts';

const servers = inject('servers');
const TIMEOUT_MS = 120_000;

let forge: GiteaWorld;
let world: World;

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

beforeAll(async () => {
  forge = await giteaWorld(
    servers,
    {
      'a.json': map('a', { x: 'one' }),
      'b.json': map('b', {}),
      'key.json': secret('hidden-one'),
      'own.yaml': template('Own'),
    },
    {
      changes: { forge: { type: 'Gitea', mergeMethod: 'Merge', people: [{ login: 'ann', user: 'admin' }] } },
      clusterRules: [{ apiGroups: [API_GROUP], resources: ['templates'], verbs: ['*'] }],
    },
  );
  world = forge.world;
}, 600_000);
afterAll(async () => await forge?.[Symbol.asyncDispose](), 120_000);

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

test('S-103 P-21-2 a pull request is planned as what its merge would be: one comment in place, a status, no secret, nothing written', async () => {
  const before = await world.writes();
  const first = await forge.branch('more', {
    'a.json': map('a', { x: 'two' }),
    'b.json': null,
    'key.json': secret('hidden-two'),
  });
  const number = await forge.open('ann', 'more', 'More');
  const text = await forge.told(number, /### Plan: 1 to delete, 2 to change/);
  for (const words of ['`ConfigMap/', '- data.x: "one"', '+ data.x: "two"', '`a.json:1`', '(hidden, changed)'])
    expect(text).toContain(words);
  expect(text).not.toMatch(/hidden-(one|two)/);
  await eventually('the status is green', async () => (await forge.stateOf(first)) === 'success', { timeoutMs: TIMEOUT_MS });
  expect([...(await world.writesSince(before))].filter((each) => /configmaps|secrets/.test(each))).toEqual([]);

  const broken = await forge.commit('more', { 'b.json': '{ not JSON' });
  await forge.told(number, /### Plan: failed[\s\S]*b\.json:1/);
  await eventually('the status is red', async () => (await forge.stateOf(broken)) === 'failure', { timeoutMs: TIMEOUT_MS });
  const mended = await forge.commit('more', { 'b.json': map('b', { y: 'new' }) });
  await forge.told(number, /### Plan: 3 to change/);
  expect(await forge.comments(number)).toHaveLength(1);
  await eventually('the status is green again', async () => (await forge.stateOf(mended)) === 'success', {
    timeoutMs: TIMEOUT_MS,
  });

  await forge.gitea.ask('ann', 'POST', `${forge.path}/issues/${number}/comments`, { body: '/streamspace plan' });
  await forge.told(number, /Planned again at `[^`]+`, asked by `@ann`[\s\S]*### Plan: 3 to change/);

  // The branch moves: what is to be done is another thing.
  await forge.branch('main', { 'a.json': map('a', { x: 'two' }) });
  await forge.told(number, /### Plan: 2 to change/);
  expect(await forge.comments(number)).toHaveLength(1);
  await forge.close(number);
}, 900_000);

test('S-105 what comes from a fork is held against what the branch renders to, and meets no cluster', async () => {
  await forge.fork('mallory');
  // Somebody has changed it in the cluster: a plan with its rights would tell.
  await world.kubectl(['patch', 'configmap', 'b', '--type=merge', '-p', '{"data":{"live":"of-the-cluster"}}']);
  const before = await world.writes();
  await forge.branch('evil', { 'b.json': map('b', { z: '@ann `x` <img src=x>\n```\n[click](http://evil.example)' }) }, 'mallory');
  const number = await forge.open('mallory', 'mallory:evil', '@ann merge me');
  const text = await forge.told(number, /### Plan: 1 to change/);
  expect(text).toContain('data.z');
  expect(text).not.toMatch(/of-the-cluster|hidden-/);
  expect([...(await world.writesSince(before))].filter((each) => /configmaps|secrets/.test(each))).toEqual([]);
  await forge.close(number);
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
  expect(opened.url).toBe(`${forge.gitea.url}/${OWNER}/${NAME}/pulls/${opened.number}`);
  const number = opened.number ?? 0;
  await forge.told(number, /### Plan: 1 to change[\s\S]*spec\.displayName: "Everybody"/);

  const review = (login: string, event: string) =>
    forge.gitea.ask(login, 'POST', `${forge.path}/pulls/${number}/reviews`, { event, body: 'fine', commit_id: opened.commit });
  await forge.gitea.collaborator(OWNER, NAME, 'zoe', 'write');
  expect((await review('zoe', 'APPROVED')).status).toBe(200);
  await until('a stranger does not count', ({ approvals = [] }) =>
    approvals.some(({ by, standing }) => by === 'zoe' && standing === 'Unknown'),
  );
  expect((await review('ann', 'APPROVED')).status).toBe(200);
  const applied = await until('it is applied', ({ phase }) => phase === 'Applied');
  expect(applied.approvals).toContainEqual(expect.objectContaining({ by: 'admin', standing: 'Counts', reason: 'fine' }));
  const said = await forge.told(number, /### Merged and applied: 1 object changed/);
  expect(said).toContain(`as \`${applied.mergeCommit?.slice(0, 12)}\`, applied at`);
  expect(said).toMatch(/### Plan: 1 to change[\s\S]*spec\.displayName: "Everybody"/);
  expect(await forge.comments(number)).toHaveLength(1);
  await eventually('the merge is green', async () => (await forge.stateOf(applied.mergeCommit ?? '')) === 'success');
  const pull = (await forge.gitea.ask('ann', 'GET', `${forge.path}/pulls/${number}`)).body;
  expect(pull).toMatchObject({ merged: true, merge_commit_sha: applied.mergeCommit, user: { login: BOT } });
  await forge.git('fetch', '--quiet', 'origin');
  expect(await forge.git('show', 'origin/main:own.yaml')).toBe(template('Everybody'));
  expect(await forge.git('branch', '-r', '--list', 'origin/streamspace/*')).toBe('');
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
  await forge.close(number);
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
