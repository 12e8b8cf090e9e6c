import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startGitHubDouble } from './github-double.ts';
import { acme, git, octokit, withToken } from './octokit.ts';

test('a branch pushed over HTTP becomes a pull request, and a second one for it is refused', async () => {
  await using double = await startGitHubDouble();
  const { repository, token, at, ada } = await acme(double);
  const folder = await mkdtemp(path.join(tmpdir(), 'streamspace-clone-'));
  await git('clone', '--quiet', withToken(repository.gitUrl, token), folder);
  await writeFile(path.join(folder, 'README.md'), 'one\nzwei\nthree\n');
  await git('-C', folder, 'commit', '--quiet', '--all', '-m', 'Say two in German');
  await git('-C', folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/german');
  const sha = await git('-C', folder, 'rev-parse', 'HEAD');
  await rm(folder, { recursive: true });

  const { data: pull } = await ada.pulls.create({ ...at, head: 'acme:german', base: 'main', title: 'German', body: 'Why not' });
  expect(pull).toMatchObject({ number: 1, state: 'open', head: { sha, label: 'acme:german' }, changed_files: 1, additions: 1 });
  expect(pull).toMatchObject({ mergeable: true, mergeable_state: 'clean', user: { login: 'ada' }, commits: 1 });
  await expect(ada.pulls.create({ ...at, head: 'german', base: 'main', title: 'Again' })).rejects.toMatchObject({
    status: 422,
    response: { data: { errors: [{ message: 'A pull request already exists for acme:german.' }] } },
  });
  const { data: files } = await ada.pulls.listFiles({ ...at, pull_number: 1 });
  expect(files).toMatchObject([
    { filename: 'README.md', status: 'modified', patch: '@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three' },
  ]);
  const { data: commits } = await ada.pulls.listCommits({ ...at, pull_number: 1 });
  expect(commits).toMatchObject([{ sha, commit: { message: 'Say two in German' } }]);
  expect(double.counts.pullRequests).toBe(1);
  expect(double.violations).toEqual([]);
});

test('a branch without commits of its own is no pull request, and one that is not there neither', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  await git('-C', repository.folder, 'branch', 'same', 'main');
  await expect(ada.pulls.create({ ...at, head: 'same', base: 'main', title: 'Nothing' })).rejects.toMatchObject({
    status: 422,
    response: { data: { errors: [{ message: 'No commits between main and same' }] } },
  });
  await expect(ada.pulls.create({ ...at, head: 'gone', base: 'main', title: 'Nothing' })).rejects.toMatchObject({
    status: 422,
    response: { data: { errors: [{ resource: 'PullRequest', field: 'head', code: 'invalid' }] } },
  });
  expect(double.violations).toEqual([]);
});

test('pull requests are found by head, base and state, edited, closed and opened again', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  for (const branch of ['first', 'second']) {
    await repository.push(branch, { [`${branch}.txt`]: branch });
    await ada.pulls.create({ ...at, head: branch, base: 'main', title: branch });
  }
  await ada.pulls.update({ ...at, pull_number: 1, title: 'Better', body: 'Said more', state: 'closed' });
  const numbers = async (filter: object): Promise<readonly number[]> =>
    (await ada.pulls.list({ ...at, ...filter })).data.map(({ number }) => number);
  expect(await numbers({})).toEqual([2]);
  expect(await numbers({ state: 'all' })).toEqual([2, 1]);
  expect(await numbers({ state: 'all', head: 'acme:first' })).toEqual([1]);
  expect(await numbers({ state: 'closed', base: 'main' })).toEqual([1]);
  expect(await numbers({ base: 'other' })).toEqual([]);
  const { data } = await ada.pulls.update({ ...at, pull_number: 1, state: 'open' });
  expect(data).toMatchObject({ title: 'Better', body: 'Said more', state: 'open', closed_at: null });
  await repository.deleteBranch('second');
  expect((await ada.pulls.get({ ...at, pull_number: 2 })).data.state).toBe('closed');
  expect(double.violations).toEqual([]);
});

test('reviews tell of which commit they are, and a push dismisses approvals where the branch asks for it', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  await repository.protect('main', { requiredApprovals: 1, dismissStale: true });
  const first = await repository.push('change', { 'a.txt': 'a' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  const look = async () => (await ada.pulls.get({ ...at, pull_number: 1 })).data.mergeable_state;
  expect(await look()).toBe('blocked');
  await repository.review(1, 'grace', 'approve', 'Fine');
  expect(await look()).toBe('clean');
  const second = await repository.push('change', { 'b.txt': 'b' });
  expect(await look()).toBe('blocked');
  const again = await repository.review(1, 'grace', 'requestChanges');
  await repository.dismissReview(1, again, 'ada');
  await repository.review(1, 'mallory', 'approve'); // may only read, so it does not count
  expect(await look()).toBe('blocked');
  await repository.review(1, 'grace', 'approve');
  expect(await look()).toBe('clean');
  const { data: reviews } = await ada.pulls.listReviews({ ...at, pull_number: 1 });
  expect(reviews.map(({ user, state, commit_id }) => [user?.login, state, commit_id])).toEqual([
    ['grace', 'DISMISSED', first],
    ['grace', 'DISMISSED', second],
    ['mallory', 'APPROVED', second],
    ['grace', 'APPROVED', second],
  ]);
  expect(double.violations).toEqual([]);
});

test('code owners must have approved what is theirs', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  await repository.push('main', { '.github/CODEOWNERS': '*.yaml @linus\n/teams/ @grace\n' });
  repository.collaborator('linus', 'write');
  await repository.protect('main', { requiredApprovals: 1, requireCodeOwnerReviews: true });
  await repository.push('change', { 'teams/web/quota.yaml': 'cpu: 8' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Quota' });
  await repository.review(1, 'linus', 'approve');
  await expect(ada.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({
    status: 405,
    response: { data: { message: 'Waiting on code owner review.' } },
  });
  await repository.review(1, 'grace', 'approve');
  expect((await ada.pulls.merge({ ...at, pull_number: 1 })).data.merged).toBe(true);
  expect(double.violations).toEqual([]);
});

test('statuses add up by context, and what is required blocks until it has passed', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  await repository.protect('main', { requiredContexts: ['streamspace', 'lint'] });
  const sha = await repository.push('change', { 'a.txt': 'a' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  const look = async () => (await ada.pulls.get({ ...at, pull_number: 1 })).data.mergeable_state;
  const combined = async () => (await ada.repos.getCombinedStatusForRef({ ...at, ref: 'change' })).data;
  expect(await combined()).toMatchObject({ state: 'pending', total_count: 0, sha });
  const context = 'streamspace';
  const { data } = await ada.repos.createCommitStatus({ ...at, sha, state: 'pending', context, target_url: 'https://x.test/1' });
  expect(data).toMatchObject({ state: 'pending', creator: { login: 'ada' } });
  await ada.repos.createCommitStatus({ ...at, sha, state: 'success', context, description: 'no changes' });
  expect(await combined()).toMatchObject({ state: 'success', total_count: 1, statuses: [{ description: 'no changes' }] });
  await expect(ada.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({
    response: { status: 405, data: { message: 'Required status check "lint" is expected.' } },
  });
  repository.checkRun(sha, 'lint', 'success');
  expect(await look()).toBe('clean');
  await repository.status(sha, 'coverage', 'failure');
  expect(await look()).toBe('unstable');
  expect(await combined()).toMatchObject({ state: 'failure', total_count: 2 });
  expect((await ada.checks.listForRef({ ...at, ref: sha })).data).toMatchObject({
    total_count: 1,
    check_runs: [{ name: 'lint' }],
  });
  expect((await ada.repos.listCommitStatusesForRef({ ...at, ref: sha })).data).toHaveLength(3);
  const nowhere = 'f'.repeat(40);
  await expect(ada.repos.createCommitStatus({ ...at, sha: nowhere, state: 'success' })).rejects.toMatchObject({
    status: 422,
    response: { data: { message: `No commit found for SHA: ${nowhere}` } },
  });
  expect(double.counts.statuses).toBe(3);
  expect(double.violations).toEqual([]);
});

test('lists of more than a hundred are read page by page', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  await repository.push('change', { 'a.txt': 'a' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  for (let number = 1; number <= 120; number += 1) await repository.comment(1, 'grace', `comment ${number}`);
  const { data, headers } = await ada.issues.listComments({ ...at, issue_number: 1, per_page: 100 });
  expect(data).toHaveLength(100);
  expect(headers.link).toMatch(
    /^<http:\/\/127\.0\.0\.1:\d+\/api\/v3\/repositories\/\d+\/issues\/1\/comments\?per_page=100&page=2>; rel="next", /,
  );
  const all = await ada.paginate(ada.issues.listComments, { ...at, issue_number: 1, per_page: 50 });
  expect(all.map(({ body }) => body)).toEqual(Array.from({ length: 120 }, (_, index) => `comment ${index + 1}`));
  expect((await ada.issues.listComments({ ...at, issue_number: 1 })).data).toHaveLength(30);
  expect(double.violations).toEqual([]);
});

test('comments are written, changed and taken away, by their author or by who may write', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  const eve = octokit(double, double.user('eve'));
  await repository.push('change', { 'a.txt': 'a' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  const { data: own } = await eve.issues.createComment({ ...at, issue_number: 1, body: 'What for?' });
  const { data: other } = await ada.issues.createComment({ ...at, issue_number: 1, body: 'For fun' });
  await eve.issues.updateComment({ ...at, comment_id: own.id, body: 'Why?' });
  await expect(eve.issues.updateComment({ ...at, comment_id: other.id, body: 'Me' })).rejects.toMatchObject({ status: 403 });
  await expect(ada.issues.createComment({ ...at, issue_number: 1, body: ' ' })).rejects.toMatchObject({ status: 422 });
  await expect(ada.issues.createComment({ ...at, issue_number: 9, body: 'x' })).rejects.toMatchObject({ status: 404 });
  expect(repository.comments(1).map(({ author, body }) => [author, body])).toEqual([
    ['eve', 'Why?'],
    ['ada', 'For fun'],
  ]);
  await ada.issues.deleteComment({ ...at, comment_id: own.id });
  expect(repository.comments(1)).toHaveLength(1);
  expect(double.counts).toMatchObject({ comments: 2, commentEdits: 1, commentDeletions: 1 });
  expect(double.violations).toEqual([]);
});

test('a request that GitHub does not describe is answered with 500 and remembered', async () => {
  await using double = await startGitHubDouble();
  const { at, ada } = await acme(double);
  const refused = ada.request('GET /repos/{owner}/{repo}/pulls', { ...at, stat: 'all' });
  await expect(refused).rejects.toMatchObject({ status: 500 });
  await expect(ada.request('POST /repos/acme/desktops/pulls', { head: 'x', base: 1 })).rejects.toMatchObject({
    status: 500,
  });
  await expect(ada.request('GET /nowhere')).rejects.toMatchObject({ status: 404 });
  expect(double.violations).toEqual([
    'GET /repos/{owner}/{repo}/pulls: ?stat is not described',
    expect.stringContaining('/base must be string'),
    'GET /nowhere: is not described',
  ]);
});
