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
import type { PullRequestPorts } from '../../controller/reconcile/pull-requests/ports.ts';
import { createPullRequestReconciler } from '../../controller/reconcile/pull-requests/pull-requests.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import type { GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
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

const NOTHING_TO_DO: PullRequestPorts['plan'] = async () => ({ changes: [], warnings: [] });

/** A repository with a branch for each of `branches`, a pull request of each, and the reconciler of all. */
async function plannedAt(name: string, ...branches: readonly string[]) {
  const repository = await github.repository('owner', name);
  await repository.push('main', { 'a.yaml': 'one\n' });
  repository.collaborator(BOT, 'write');
  const token = github.user(BOT);
  const client = octokit(github, token);
  const at = { owner: 'owner', repo: name };
  const heads: string[] = [];
  for (const branch of branches) {
    heads.push(await repository.push(branch, { [`${branch}.yaml`]: 'new\n' }));
    await client.pulls.create({ ...at, head: branch, base: 'main', title: branch });
  }
  const cluster = memoryCluster();
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: 'streamspace' },
    data: { username: encoded(BOT), password: encoded(token) },
  });
  const says = (status: GitSyncStatus, generation = 1): void => {
    cluster.drop(RESOURCES.gitSyncs, KEY.namespace, KEY.name);
    cluster.put(RESOURCES.gitSyncs, {
      metadata: { ...KEY, uid: 's', generation },
      spec: {
        ...{ url: repository.gitUrl, ref: { branch: 'main' }, credentialsRef: { name: 'push' } },
        changes: {
          secretRef: { name: 'push' },
          forge: { type: 'GitHub', apiUrl: github.apiUrl, people: [{ login: 'ann', user: 'ann' }] },
        },
      },
      status,
    });
  };
  says({});
  const plans: number[] = [];
  const changes: ChangeRequest[] = [];
  const start = ({ plan = NOTHING_TO_DO, now = () => new Date() }: Partial<Pick<PullRequestPorts, 'plan' | 'now'>> = {}) =>
    createPullRequestReconciler({
      ...{ client: cluster.client, git, forge: createForges({ git, transport }).pullRequests },
      plan: async (asked, signal) => {
        plans.push(asked.number);
        return await plan(asked, signal);
      },
      effects: async () => [],
      changes: () => changes,
      now,
    });
  return { repository, client, at, heads, says, plans, changes, start };
}

test('S-103 one pull request that cannot be told holds up no other; each is told once, over a restart of the controller too', async () => {
  const { repository, client, at, heads, plans, start } = await plannedAt('plans', 'first', 'second');
  let time = Date.now();
  const controller = start({ now: () => new Date(time) });
  const comments = () => [1, 2].map((number) => repository.comments(number).length);
  const states = async () =>
    await Promise.all(
      heads.map(async (ref) =>
        (await client.repos.getCombinedStatusForRef({ ...at, ref })).data.statuses.map(({ state }) => state),
      ),
    );
  // Octokit tries three times.
  github.faults.push({ method: 'POST', path: /\/issues\/1\/comments$/, kind: 'error', status: 503, times: 3 });
  const { requeueAfterMs = 0 } = await controller.reconcile(KEY, context);
  expect(requeueAfterMs).toBeLessThanOrEqual(60_000);
  expect([comments(), await states()]).toEqual([
    [0, 1],
    [['pending'], ['success']],
  ]);
  // It alone waits, so that nobody else does.
  await controller.reconcile(KEY, context);
  expect(plans).toEqual([1, 2]);
  time += requeueAfterMs;
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

test('S-103 what is planned while a sync is on its way is planned again when it has applied; what is of a fork, which meets no cluster, is not', async () => {
  const { repository, at, says, plans, start } = await plannedAt('behind', 'first');
  const fork = await github.fork('owner', 'behind', 'eve');
  await fork.push('idea', { 'idea.yaml': 'x\n' }, { by: 'eve' });
  await octokit(github, github.user('eve')).pulls.create({ ...at, head: 'eve:idea', base: 'main', title: 'idea' });
  const controller = start();
  const look = async (): Promise<readonly number[]> => {
    plans.length = 0;
    await controller.reconcile(KEY, context);
    return [...plans];
  };
  const before = await repository.push('main', { 'a.yaml': 'two\n' });
  says({ revision: before, attempted: before });
  expect(await look()).toEqual([1, 2]);
  const merged = await repository.push('main', { 'a.yaml': 'three\n' });
  expect(await look()).toEqual([1, 2]);
  says({ revision: before, attempted: merged });
  expect(await look()).toEqual([]);
  says({ revision: merged, attempted: merged });
  expect(await look()).toEqual([1]);
  expect(await look()).toEqual([]);
  // Another spec: it may hide what is still shown.
  says({ revision: merged, attempted: merged }, 2);
  expect(await look()).toEqual([1, 2]);
  expect(await look()).toEqual([]);
}, 120_000);

test('S-108 forks that take all the time there is leave the others theirs, and are not tried again because the branch has moved', async () => {
  const { repository, at, plans, start } = await plannedAt('endless', 'first');
  const fork = await github.fork('owner', 'endless', 'eve');
  for (const branch of ['a', 'b', 'c']) {
    await fork.push(branch, { 'idea.yaml': `${branch}\n` }, { by: 'eve' });
    await octokit(github, github.user('eve')).pulls.create({ ...at, head: `eve:${branch}`, base: 'main', title: branch });
  }
  let time = Date.now();
  const controller = start({
    now: () => new Date(time),
    plan: async ({ trusted }) => {
      if (trusted) return { changes: [], warnings: [] };
      time += 15_000;
      throw new StreamSpaceError('RenderTimeout', 'rendering took longer than 15 s');
    },
  });
  const look = async (): Promise<readonly [numbers: readonly number[], againMs: number | undefined]> => {
    plans.length = 0;
    const { requeueAfterMs } = await controller.reconcile(KEY, context);
    return [[...plans], requeueAfterMs];
  };
  expect(await look()).toEqual([[1, 2, 3], 1_000]);
  expect(await look()).toEqual([[4], 60_000]);
  expect(repository.comments(4)).toHaveLength(1);
  await repository.push('main', { 'a.yaml': 'two\n' });
  expect(await look()).toEqual([[1], 60_000]);
  // Who sent it may not ask for it; who is named by the GitSync may, and nobody hides that by asking, too.
  for (const [login, number] of [
    ['eve', 2],
    ['ann', 3],
    ['eve', 3],
  ] as const) {
    repository.collaborator(login, 'write');
    await octokit(github, github.user(login)).issues.createComment({ ...at, issue_number: number, body: '/streamspace plan' });
  }
  expect(await look()).toEqual([[3], 60_000]);
  await fork.push('a', { 'idea.yaml': 'other\n' }, { by: 'eve' });
  expect((await look())[0]).toEqual([2]);
}, 120_000);

test('S-100 the comment on a change request says whose review is not counted and why, beside a plan that changes, over a restart too', async () => {
  const { repository, says, changes, start } = await plannedAt('reviewed', 'first', 'second');
  let warnings: readonly string[] = [];
  const plan = async () => ({ changes: [], warnings });
  let controller = start({ plan });
  const commit = 'c'.repeat(40);
  const review = { verdict: 'Approve', commit, at: '2027-03-01T08:00:00Z' } as const;
  const stands = (status: NonNullable<ChangeRequest['status']>): void => {
    changes.length = 0;
    changes.push({ metadata: { name: 'c', namespace: 'team-web' }, spec: { target: KEY }, status } as unknown as ChangeRequest);
  };
  stands({ number: 1, approvalsNeeded: 2, approvals: [{ ...review, by: 'octocat', standing: 'Unknown' }] });
  await controller.reconcile(KEY, context);
  const [text = '', ...others] = repository.comments(1).map(({ body }) => body);
  expect(others).toEqual([]);
  expect(text).toMatch(/\*\*Approvals:\*\* 0 of 2, 2 missing\n\n- `octocat` approves `c{12}`: not counted, nobody here is known/);
  expect(text).toContain('### Plan: nothing to do');
  expect(repository.comments(2)[0]?.body).not.toContain('Approvals');

  warnings = ['careful'];
  stands({ number: 1, approvalsNeeded: 1, approvals: [{ ...review, by: 'ann', standing: 'Counts' }] });
  says({}, 2);
  await controller.reconcile(KEY, context);
  const after = repository.comments(1).map(({ body }) => body);
  expect(after).toHaveLength(1);
  expect(after[0]).toMatch(/\*\*Approvals:\*\* 1 of 1\n\n- `ann` approves `c{12}`\n/);
  expect(after[0]).toContain('careful');
  controller = start({ plan });
  const said = { ...github.counts };
  await controller.reconcile(KEY, context);
  expect(github.counts).toEqual(said);
}, 120_000);
