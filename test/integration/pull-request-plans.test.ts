// What the controller says of all pull requests of a repository at GitHub: none is held up by another, and what is said stays said.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createForges } from '../../controller/changes/forge/forges.ts';
import { GitSource } from '../../controller/git/source.ts';
import { GitTransport } from '../../controller/git/wire/http.ts';
import { memoryCluster } from '../../controller/reconcile/memory-cluster.ts';
import { createPullRequestReconciler } from '../../controller/reconcile/pull-requests/pull-requests.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { BOT } from '../support/forge-server.ts';
import { type GitHubDouble, startGitHubDouble } from '../support/github/github-double.ts';
import { octokit } from '../support/github/octokit.ts';

const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
const KEY = { namespace: 'streamspace', name: 'platform' };

const made = new AsyncDisposableStack();
let github: GitHubDouble;
let git: GitSource;
let transport: GitTransport;
beforeAll(async () => {
  github = made.use(await startGitHubDouble());
  transport = made.use(new GitTransport());
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-plans-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  git = made.use(new GitSource({ directory: folder, transport }));
});
afterAll(() => made.disposeAsync());

test('S-103 one pull request that cannot be told holds up no other; each is told once, over a restart of the controller too', async () => {
  const repository = await github.repository('owner', 'plans');
  await repository.push('main', { 'a.yaml': 'one\n' });
  repository.collaborator(BOT, 'write');
  const token = github.user(BOT);
  const client = octokit(github, token);
  const at = { owner: 'owner', repo: 'plans' };
  const heads: string[] = [];
  for (const name of ['first', 'second']) {
    heads.push(await repository.push(name, { [`${name}.yaml`]: 'new\n' }));
    await client.pulls.create({ ...at, head: name, base: 'main', title: name });
  }
  const cluster = memoryCluster();
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: 'streamspace' },
    data: { username: encoded(BOT), password: encoded(token) },
  });
  cluster.put(RESOURCES.gitSyncs, {
    metadata: { ...KEY, uid: 's', generation: 1 },
    spec: {
      ...{ url: repository.gitUrl, ref: { branch: 'main' }, credentialsRef: { name: 'push' } },
      changes: { secretRef: { name: 'push' }, forge: { type: 'GitHub', apiUrl: github.apiUrl } },
    },
    status: {},
  });
  const plans: number[] = [];
  const start = () =>
    createPullRequestReconciler({
      ...{ client: cluster.client, git, forge: createForges({ git, transport }).pullRequests },
      plan: async ({ number }) => {
        plans.push(number);
        return { changes: [], warnings: [] };
      },
      effects: async () => [],
      now: () => new Date(),
    });
  const controller = start();
  const comments = () => [1, 2].map((number) => repository.comments(number).length);
  const states = async () =>
    await Promise.all(
      heads.map(async (ref) =>
        (await client.repos.getCombinedStatusForRef({ ...at, ref })).data.statuses.map(({ state }) => state),
      ),
    );
  // Octokit tries three times.
  github.faults.push({ method: 'POST', path: /\/issues\/1\/comments$/, kind: 'error', status: 503, times: 3 });
  await expect(controller.reconcile(KEY, context)).rejects.toMatchObject({ code: 'ForgeUnreachable' });
  expect([comments(), await states()]).toEqual([
    [0, 1],
    [['pending'], ['success']],
  ]);
  await controller.reconcile(KEY, context);
  expect([comments(), await states(), plans]).toEqual([
    [1, 1],
    [['success'], ['success']],
    [1, 2, 1],
  ]);

  const said = { ...github.counts };
  await controller.reconcile(KEY, context);
  expect(plans).toHaveLength(3);
  await start().reconcile(KEY, context);
  expect(plans).toHaveLength(5);
  expect(github.counts).toEqual(said);
  expect(github.violations).toEqual([]);
}, 120_000);
