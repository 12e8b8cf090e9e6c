// The adapters of forges with pull requests, the same for each: a real Gitea, and GitHub as far as it publishes how it is asked.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ForgeAt, ForgeRequest, MergeWish, PullRequestPlace } from '../../controller/changes/forge/forge.ts';
import { createForges, type Forges } from '../../controller/changes/forge/forges.ts';
import { writeCommit } from '../../controller/git/clone/write-commit.ts';
import type { CommitSha } from '../../controller/git/commit-sha.ts';
import { GitSource } from '../../controller/git/source.ts';
import { GitCredentials, parseCredentials } from '../../controller/git/wire/credentials.ts';
import { GitTransport } from '../../controller/git/wire/http.ts';
import { BOT, encodedData, type ForgeServer, giteaServer, githubAppServer, githubServer } from '../support/forge-server.ts';
import { temporaryFolder } from '../support/recording.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const signal = new AbortController().signal;
const WHO = { name: 'Mina', mail: 'mina@example.com' };
const AT = new Date('2027-03-01T08:00:00Z');
const START = { Gitea: () => giteaServer(servers), GitHub: githubServer, 'GitHub as an App': githubAppServer };

describe.each(['Gitea', 'GitHub', 'GitHub as an App'] as const)('%s', (kind) => {
  const made = new AsyncDisposableStack();
  let server: ForgeServer;
  let git: GitSource;
  let forge: Forges['forge'];
  let pullRequests: Forges['pullRequests'];

  beforeAll(async () => {
    server = made.use(await START[kind]());
    const folder = made.use(await temporaryFolder());
    const transport = made.use(new GitTransport());
    git = made.use(new GitSource({ directory: folder.path, transport }));
    ({ forge, pullRequests } = createForges({ git, transport }));
  });
  afterAll(async () => {
    const violations = server.violations();
    await made.disposeAsync();
    expect(violations).toEqual([]);
  });

  async function opened(name: string, more: Partial<PullRequestPlace> = {}) {
    const url = await server.repository(name);
    const { type } = server;
    const credentials = parseCredentials('forge', encodedData(server.secretData));
    const repository = { url, credentials };
    const people = [{ login: 'Ann', user: 'ann-here' }];
    const place: PullRequestPlace = { type, ...server.place(url), mergeMethod: 'Merge', people, ...more };
    const at: ForgeAt = { place, credentials };
    const request: ForgeRequest = {
      ...{
        repository,
        credentials,
        branch: `streamspace/change/${name}`,
        into: 'main',
        title: 'Vera helps us',
        body: 'Because.',
      },
      place,
    };
    const now = async (): Promise<CommitSha> => {
      const { sha, ref } = await git.resolve(repository, { branch: 'main' }, signal);
      await git.fetch(repository, ref, sha, signal);
      return sha;
    };
    const tip = await now();
    const files = new Map([['teams/web.yaml', Buffer.from('one')]]);
    const commitOn = (parent: CommitSha, path = 'teams/web.yaml'): Promise<CommitSha> =>
      git.inClone(repository, (clone) =>
        writeCommit(
          clone,
          {
            parent,
            files: new Map([[path, Buffer.from('one')]]),
            author: WHO,
            committer: WHO,
            at: AT,
            message: 'Vera helps us\n',
          },
          signal,
        ),
      );
    const commit = await commitOn(tip);
    await forge.ensureBranch(request, commit, signal);
    const there = await forge.openRequest(request, signal);
    const wish = (wanted: CommitSha): MergeWish => ({
      ...{ commit: wanted, tip, files, committer: WHO, at: AT, message: 'Merge it\n\nBecause.' },
    });
    return { name, request, at, commit, commitOn, there, now, wish, number: there.number ?? 0 };
  }

  /** Gitea works out in the background how far a head is behind. */
  const mergeOf = async (request: ForgeRequest, wish: MergeWish): Promise<CommitSha> =>
    await eventually('the forge knows what the head is at', async () => {
      const by = await forge.merge(request, wish, signal);
      return by !== 'Behind' && by;
    });

  test('S-104 one branch and one pull request, however often each is asked for', async () => {
    const { name, request, commit, there, number } = await opened('once');
    expect(there).toMatchObject({ state: 'Open', url: expect.stringMatching(/\/owner\/once\/pulls?\/\d+$/) });
    await forge.ensureBranch(request, commit, signal);
    expect(await forge.openRequest({ ...request, title: 'Vera helps us more' }, signal)).toEqual(there);
    expect(await forge.findRequest(request, signal)).toEqual(there);
    expect(await server.pullRequests(name)).toMatchObject([{ number, title: 'Vera helps us more', head: commit, state: 'open' }]);
  });

  test('S-103 our comment is changed in place, grows and shrinks, and is not taken for that of somebody else', async () => {
    const { name, at, number } = await opened('commented');
    const begin = '<!-- streamspace:plan streamspace/platform';
    await server.comment(name, number, 'bob', `${begin} 1 -->\nmine`);
    const say = (...texts: string[]) => pullRequests.comment(at, number, 'streamspace/platform', texts, signal);
    await say('a plan', 'and more of it');
    await say('another plan', 'and more of it');
    await pullRequests.comment(at, number, 'streamspace/other', ['of another GitSync'], signal);
    expect(await server.comments(name, number)).toEqual([
      `${begin} 1 -->\nmine`,
      `${begin} 1 -->\nanother plan`,
      `${begin} 2 -->\nand more of it`,
      '<!-- streamspace:plan streamspace/other 1 -->\nof another GitSync',
    ]);
    await say('another plan');
    expect(await server.comments(name, number)).toHaveLength(3);
  });

  test('S-100 a review counts for its commit and for people whom the GitSync names; a dismissed one says so', async () => {
    const { name, request, commit, number } = await opened('reviewed');
    await server.review(name, number, 'ann', 'approve', 'fine');
    await server.review(name, number, 'bob', 'approve');
    await server.review(name, number, 'bob', 'comment', 'a question');
    expect(await forge.reviews(request, signal)).toMatchObject([
      { by: 'ann-here', verdict: 'Approve', commit, reason: 'fine' },
      { by: 'bob', verdict: 'Approve', commit, void: 'Unknown' },
    ]);
    await server.dismiss(name, number);
    expect((await forge.reviews(request, signal))[0]).toMatchObject({ by: 'ann-here', void: 'Dismissed' });
    await server.review(name, number, 'ann', 'reject', 'not so');
    expect((await forge.reviews(request, signal)).at(-1)).toMatchObject({ by: 'ann-here', verdict: 'Reject', reason: 'not so' });
  });

  test('what the branch asks for is waited for, and named', async () => {
    const { name, request, commit } = await opened('checked');
    expect(await forge.checks(request, commit, signal)).toEqual({ state: 'passed', message: '' });
    await server.protect(name, { contexts: ['ci/test'] });
    expect(await forge.checks(request, commit, signal)).toMatchObject({
      state: 'pending',
      message: expect.stringContaining('ci/test'),
    });
    await server.status(name, commit, 'ci/test', 'failure');
    expect(await forge.checks(request, commit, signal)).toMatchObject({ state: 'failed' });
    await server.status(name, commit, 'ci/test', 'success');
    expect(await forge.checks(request, commit, signal)).toMatchObject({ state: 'passed' });
  });

  test('P-21-2 a commit says how its plan stands', async () => {
    const { name, at, commit } = await opened('told');
    const status = { context: 'streamspace/streamspace/platform', description: 'it is being planned', url: undefined } as const;
    await pullRequests.setStatus(at, commit, { ...status, state: 'pending' }, signal);
    await pullRequests.setStatus(at, commit, { ...status, state: 'success', description: '1 to change' }, signal);
    await pullRequests.setStatus(at, commit, { ...status, state: 'success', description: '1 to change' }, signal);
    expect(await server.statuses(name, commit)).toEqual([{ context: status.context, state: 'success' }]);
    expect(await pullRequests.list(at, 'main', signal)).toMatchObject([{ head: commit, fork: false }]);
    expect(await pullRequests.list(at, 'other', signal)).toEqual([]);
  });

  test.each(['Merge', 'Squash', 'Rebase'] as const)('it is merged by the forge, once (%s)', async (mergeMethod) => {
    const { request, commit, now, wish } = await opened(`merged-${mergeMethod.toLowerCase()}`, { mergeMethod });
    const by = await mergeOf(request, wish(commit));
    expect(await now()).toBe(by);
    expect(await forge.merge(request, wish(commit), signal)).toBe(by);
    expect(await forge.findRequest(request, signal)).toMatchObject({ state: 'Merged', mergeCommit: by });
    const merged = await git.tree(request.repository, { branch: 'main' }, by, signal).file('teams/web.yaml');
    expect(Buffer.from(merged ?? []).toString()).toBe('one');
    await forge.close(request, signal);
    expect(await git.listRefs(request.repository, [`refs/heads/${request.branch}`], signal)).toEqual([]);
    await forge.close(request, signal);
  });

  test('one that is behind a branch that has to be up to date is told as such, and merged once it is made on it', async () => {
    const { name, request, commit, commitOn, now, wish } = await opened('behind');
    await forge.ensureBranch({ ...request, branch: 'main' }, await commitOn(await now(), 'beside.txt'), signal);
    await server.protect(name, { strict: true });
    expect(await forge.merge(request, wish(commit), signal)).toBe('Behind');
    const anew = await commitOn(await now());
    await forge.ensureBranch(request, anew, signal);
    expect(await mergeOf(request, wish(anew))).toBe(await now());
  });

  test('S-101 another head, a branch that asks for more, and a closed pull request are not merged, each told as such', async () => {
    const { name, request, commit, commitOn, wish, number } = await opened('refused');
    const other = await commitOn(commit, 'x');
    await forge.ensureBranch(request, other, signal);
    await expect(forge.merge(request, wish(commit), signal)).rejects.toMatchObject({ code: 'GitPushRaced' });
    await server.protect(name, { approvals: 1 });
    await expect(forge.merge(request, wish(other), signal)).rejects.toMatchObject({
      code: 'ForgeRefused',
      message: expect.stringMatching(/does not merge .*: ./),
    });
    await server.close(name, number);
    expect(await forge.findRequest(request, signal)).toMatchObject({ state: 'Closed' });
    await expect(forge.merge(request, wish(other), signal)).rejects.toMatchObject({ code: 'PullRequestClosed' });
  });

  test('a wrong token, a repository that is not there and a forge that is away are told apart, and no token is told', async () => {
    const { request, at } = await opened('unreached');
    const wrong = new GitCredentials({ basic: { username: BOT, password: 'f'.repeat(40) } });
    await expect(forge.findRequest({ ...request, credentials: wrong }, signal)).rejects.toMatchObject({
      code: 'ForgeAuthFailed',
    });
    const nowhere = { ...request, place: { ...at.place, name: 'nowhere' } };
    await expect(forge.openRequest(nowhere, signal)).rejects.toMatchObject({ code: 'ForgeUnreachable' });
    const away = { ...request, place: { ...at.place, apiUrl: 'http://127.0.0.1:9/api/v1' } };
    const error: unknown = await forge.findRequest(away, signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ForgeUnreachable' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(server.secret);
  });
});
