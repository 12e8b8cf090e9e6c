// The adapter for Gitea against a real one: pull requests, comments, reviews, checks and merges.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Forge, ForgeRequest, MergeWish } from '../../controller/changes/forge/forge.ts';
import { createForges } from '../../controller/changes/forge/forges.ts';
import { giteaPlace } from '../../controller/changes/forge/places.ts';
import { writeCommit } from '../../controller/git/clone/write-commit.ts';
import { type CommitSha, parseCommitSha } from '../../controller/git/commit-sha.ts';
import { GitSource } from '../../controller/git/source.ts';
import { GitCredentials } from '../../controller/git/wire/credentials.ts';
import { GitTransport } from '../../controller/git/wire/http.ts';
import { type Gitea, startGitea } from '../support/gitea.ts';
import { temporaryFolder } from '../support/recording.ts';

const servers = inject('servers');
const signal = new AbortController().signal;
const WHO = { name: 'Mina', mail: 'mina@example.com' };
const AT = new Date('2027-03-01T08:00:00Z');
const BOT = 'streamspace-bot';

const made = new AsyncDisposableStack();
let gitea: Gitea;
let git: GitSource;
let forge: Forge;
let token: string;

beforeAll(async () => {
  gitea = made.use(await startGitea(servers));
  const folder = made.use(await temporaryFolder());
  const transport = made.use(new GitTransport());
  git = made.use(new GitSource({ directory: folder.path, transport }));
  forge = createForges({ git, transport });
  token = await gitea.person(BOT);
});
afterAll(() => made.disposeAsync());

interface World {
  readonly name: string;
  readonly request: ForgeRequest;
  readonly tip: CommitSha;
  /** A commit on the tip, not pushed. */
  commit(text: string, tip?: CommitSha): Promise<CommitSha>;
  now(): Promise<CommitSha>;
  wish(commit: CommitSha, tip?: CommitSha): MergeWish;
}

async function world(name: string, more: Partial<NonNullable<ForgeRequest['pullRequest']>> = {}): Promise<World> {
  const url = await gitea.repository('owner', name);
  await gitea.collaborator('owner', name, BOT, 'write');
  for (const login of ['ann', 'bob']) await gitea.collaborator('owner', name, login, 'write');
  const credentials = new GitCredentials({ basic: { username: BOT, password: token } });
  const repository = { url, credentials };
  const people = [{ login: 'Ann', user: 'ann-here' }];
  const request: ForgeRequest = {
    ...{ repository, credentials, branch: `streamspace/change/${name}`, into: 'main', title: 'Vera helps us', body: 'Because.' },
    pullRequest: { type: 'Gitea', ...giteaPlace(new URL(url)), mergeMethod: 'Merge', people, ...more },
  };
  const now = async (): Promise<CommitSha> => {
    const { sha, ref } = await git.resolve(repository, { branch: 'main' }, signal);
    await git.fetch(repository, ref, sha, signal);
    return sha;
  };
  const tip = await now();
  const files = (text: string) => new Map([['teams/web.yaml', Buffer.from(text)]]);
  return {
    ...{ name, request, tip, now },
    commit: (text, parent = tip) =>
      git.inClone(repository, (clone) =>
        writeCommit(
          clone,
          { parent, files: files(text), author: WHO, committer: WHO, at: AT, message: 'Vera helps us\n' },
          signal,
        ),
      ),
    wish: (commit, at = tip) => ({
      commit,
      tip: at,
      files: files('one'),
      committer: WHO,
      at: AT,
      message: 'Merge it\n\nBecause.',
    }),
  };
}

async function opened(name: string, more: Partial<NonNullable<ForgeRequest['pullRequest']>> = {}) {
  const given = await world(name, more);
  const commit = await given.commit('one');
  await forge.ensureBranch(given.request, commit, signal);
  const there = await forge.openRequest(given.request, signal);
  return { ...given, commit, there, path: `/repos/owner/${name}`, number: there.number ?? 0 };
}

test('S-103 S-104 one branch, one pull request and one comment, however often each is asked for', async () => {
  const { request, commit, there, path, number } = await opened('once');
  expect(there).toMatchObject({ state: 'Open', number: 1, url: `${gitea.url}/owner/once/pulls/1` });
  await forge.ensureBranch(request, commit, signal);
  expect(await forge.openRequest({ ...request, title: 'Vera helps us more' }, signal)).toEqual(there);
  expect(await forge.findRequest(request, signal)).toEqual(there);
  const all = await gitea.ask('owner', 'GET', `${path}/pulls?state=all`);
  expect(all.body).toMatchObject([{ number, title: 'Vera helps us more', head: { sha: commit } }]);

  // Whoever writes our mark does not own our comment.
  await gitea.ask('bob', 'POST', `${path}/issues/${number}/comments`, { body: '<!-- streamspace:change 1 -->\nmine' });
  await forge.comment(request, ['a plan', 'and more of it'], signal);
  await forge.comment(request, ['another plan', 'and more of it'], signal);
  const bodies = async () =>
    ((await gitea.ask('owner', 'GET', `${path}/issues/${number}/comments`)).body as { body: string }[]).map(({ body }) => body);
  expect(await bodies()).toEqual([
    '<!-- streamspace:change 1 -->\nmine',
    '<!-- streamspace:change 1 -->\nanother plan',
    '<!-- streamspace:change 2 -->\nand more of it',
  ]);
  await forge.comment(request, ['another plan'], signal);
  expect(await bodies()).toHaveLength(2);
});

test('S-100 a review counts for its commit and for people whom the GitSync names; a dismissed one says so', async () => {
  const { request, commit, path, number, tip, commit: _made, ...given } = await opened('reviewed');
  const review = (login: string, event: string, body = '') =>
    gitea.ask(login, 'POST', `${path}/pulls/${number}/reviews`, { event, body });
  expect((await review('ann', 'APPROVED', 'fine')).status).toBe(200);
  await review('bob', 'APPROVED');
  await review('bob', 'COMMENT', 'a question');
  expect(await forge.reviews(request, signal)).toMatchObject([
    { by: 'ann-here', verdict: 'Approve', commit, reason: 'fine' },
    { by: 'bob', verdict: 'Approve', commit, void: 'Unknown' },
  ]);
  const [first] = (await gitea.ask('owner', 'GET', `${path}/pulls/${number}/reviews`)).body as { id: number }[];
  await gitea.ask('owner', 'POST', `${path}/pulls/${number}/reviews/${first?.id}/dismissals`, { message: 'no' });
  const second = await (await world('other')).request; // another repository has none of it
  expect(await forge.reviews(second, signal)).toEqual([]);
  expect((await forge.reviews(request, signal))[0]).toMatchObject({ by: 'ann-here', void: 'Dismissed' });
  expect(given.name).toBe('reviewed');
});

test('what the branch asks for is waited for, and named', async () => {
  const { request, commit, path } = await opened('checked');
  expect(await forge.checks(request, commit, signal)).toEqual({ state: 'passed', message: '' });
  await gitea.ask('owner', 'POST', `${path}/branch_protections`, {
    ...{ rule_name: 'main', enable_status_check: true, status_check_contexts: ['ci/test'] },
  });
  expect(await forge.checks(request, commit, signal)).toMatchObject({
    state: 'pending',
    message: expect.stringContaining('ci/test'),
  });
  const say = (state: string) => gitea.ask('owner', 'POST', `${path}/statuses/${commit}`, { context: 'ci/test', state });
  await say('failure');
  expect(await forge.checks(request, commit, signal)).toMatchObject({ state: 'failed' });
  await say('success');
  expect(await forge.checks(request, commit, signal)).toMatchObject({ state: 'passed' });
});

test.each(['Merge', 'Squash', 'Rebase'] as const)('it is merged by the forge, once (%s)', async (mergeMethod) => {
  const { request, commit, now, wish } = await opened(`merged-${mergeMethod.toLowerCase()}`, { mergeMethod });
  const by = await forge.merge(request, wish(commit), signal);
  expect(await now()).toBe(by);
  expect(await forge.merge(request, wish(commit), signal)).toBe(by);
  expect(await forge.findRequest(request, signal)).toMatchObject({ state: 'Merged', mergeCommit: by });
  const merged = await git.tree(request.repository, { branch: 'main' }, by, signal).file('teams/web.yaml');
  expect(Buffer.from(merged ?? []).toString()).toBe('one');
  await forge.close(request, signal);
  expect(await git.listRefs(request.repository, [`refs/heads/${request.branch}`], signal)).toEqual([]);
});

test('a branch that moves in the files of the change, or a head that is another one, is not merged', async () => {
  const { request, commit, wish, path, number } = await opened('raced');
  const other = await git.inClone(request.repository, (clone) =>
    writeCommit(
      clone,
      { parent: commit, files: new Map([['x', Buffer.from('x')]]), author: WHO, committer: WHO, at: AT, message: 'More\n' },
      signal,
    ),
  );
  await forge.ensureBranch(request, other, signal);
  await expect(forge.merge(request, wish(commit), signal)).rejects.toMatchObject({ code: 'GitPushRaced' });
  await gitea.ask('owner', 'POST', `${path}/branch_protections`, { rule_name: 'main', required_approvals: 1 });
  await expect(forge.merge(request, wish(other), signal)).rejects.toMatchObject({
    code: 'ForgeRefused',
    message: expect.stringMatching(/pulls\/1: ./),
  });
  await gitea.ask('owner', 'PATCH', `${path}/pulls/${number}`, { state: 'closed' });
  expect(await forge.findRequest(request, signal)).toMatchObject({ state: 'Closed' });
  await expect(forge.merge(request, wish(other), signal)).rejects.toMatchObject({ code: 'PullRequestClosed' });
});

test('a wrong token, a repository that is not there and a forge that is away are told apart, and no token is told', async () => {
  const { request } = await opened('refused');
  const wrong = new GitCredentials({ basic: { username: BOT, password: 'f'.repeat(40) } });
  await expect(forge.findRequest({ ...request, credentials: wrong }, signal)).rejects.toMatchObject({ code: 'ForgeAuthFailed' });
  const place = request.pullRequest;
  if (place === undefined) throw new TypeError('it has one');
  const nowhere = { ...request, pullRequest: { ...place, name: 'nowhere' } };
  expect(await forge.findRequest(nowhere, signal)).toBeUndefined();
  await expect(forge.openRequest(nowhere, signal)).rejects.toMatchObject({ code: 'ForgeUnreachable' });
  const away = { ...request, pullRequest: { ...place, apiUrl: 'http://127.0.0.1:9/api/v1' } };
  const error: unknown = await forge.findRequest(away, signal).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ForgeUnreachable' });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(token);
  expect(parseCommitSha('a'.repeat(40))).toBeTruthy();
});
