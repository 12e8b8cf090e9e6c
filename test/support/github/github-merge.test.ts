import { expect, test } from 'vitest';
import { startGitHubDouble } from './github-double.ts';
import { acme, git, octokit, withToken } from './octokit.ts';

/** Two commits on a branch, and one on main since. */
async function diverged() {
  const double = await startGitHubDouble();
  const world = await acme(double);
  await world.repository.push('change', { 'a.txt': 'a\n' }, { by: 'ada', message: 'Add a' });
  const head = await world.repository.push('change', { 'b.txt': 'b\n' }, { by: 'ada', message: 'Add b' });
  const base = await world.repository.push('main', { 'README.md': 'One\ntwo\nthree\n' });
  await world.ada.pulls.create({ ...world.at, head: 'change', base: 'main', title: 'Add two files' });
  const show = async (...args: string[]): Promise<string> => await git('-C', world.repository.folder, ...args);
  return { double, ...world, head, base, show, [Symbol.asyncDispose]: async () => await double[Symbol.asyncDispose]() };
}

test('a merge commit has both parents and the files of both', async () => {
  await using world = await diverged();
  const { ada, at, head, base, show } = world;
  await expect(ada.pulls.merge({ ...at, pull_number: 1, sha: base })).rejects.toMatchObject({ status: 409 });
  const { data } = await ada.pulls.merge({ ...at, pull_number: 1, sha: head, commit_title: 'Bring a and b' });
  expect(await show('rev-parse', 'main', 'main^1', 'main^2')).toBe([data.sha, base, head].join('\n'));
  expect(await show('ls-tree', '--name-only', 'main')).toBe('README.md\na.txt\nb.txt');
  expect(await show('log', '-1', '--format=%an|%cn|%B', 'main')).toBe('ada|GitHub|Bring a and b\n\nAdd two files');
  const { data: pull } = await ada.pulls.get({ ...at, pull_number: 1 });
  expect(pull).toMatchObject({ state: 'closed', merged: true, merge_commit_sha: data.sha, merged_by: { login: 'ada' } });
  expect(pull).toMatchObject({ head: { sha: head }, base: { sha: base }, commits: 2 });
  await expect(ada.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 405 });
  expect((await ada.pulls.checkIfMerged({ ...at, pull_number: 1 })).status).toBe(204);
  expect(world.double.violations).toEqual([]);
});

test('a squash is one commit on the base with the same files', async () => {
  await using world = await diverged();
  const { ada, at, base, show } = world;
  const expected = await show('rev-parse', 'refs/pull/1/merge^{tree}');
  const { data } = await ada.pulls.merge({ ...at, pull_number: 1, merge_method: 'squash' });
  expect(await show('rev-parse', 'main', 'main^@', 'main^{tree}')).toBe([data.sha, base, expected].join('\n'));
  expect(await show('log', '-1', '--format=%s|%b', 'main')).toBe('Add two files (#1)|* Add a\n\n* Add b');
  expect(world.double.violations).toEqual([]);
});

test('a rebase puts each commit on the base again, its author kept', async () => {
  await using world = await diverged();
  const { ada, at, base, show } = world;
  const expected = await show('rev-parse', 'refs/pull/1/merge^{tree}');
  const dates = await show('log', '--format=%aI', 'main..change');
  const { data } = await ada.pulls.merge({ ...at, pull_number: 1, merge_method: 'rebase' });
  expect(await show('rev-parse', 'main', 'main~2', 'main^{tree}')).toBe([data.sha, base, expected].join('\n'));
  expect(await show('log', '--format=%an|%s', `${base}..main`)).toBe('ada|Add b\nada|Add a');
  expect(new Date((await show('log', '--format=%aI', `${base}..main`)).split('\n')[0] ?? '')).toEqual(
    new Date(dates.split('\n')[0] ?? ''),
  );
  expect(world.double.violations).toEqual([]);
});

test('a method that the repository does not allow is refused', async () => {
  await using world = await diverged();
  const { ada, at, repository } = world;
  repository.mergeMethods(['squash'], { deleteBranch: true });
  await expect(ada.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 405 });
  expect((await ada.repos.get(at)).data).toMatchObject({ allow_squash_merge: true, allow_merge_commit: false });
  await ada.pulls.merge({ ...at, pull_number: 1, merge_method: 'squash' });
  await expect(ada.git.getRef({ ...at, ref: 'heads/change' })).rejects.toMatchObject({ status: 404 });
  expect(world.double.violations).toEqual([]);
});

test('a conflict is dirty and cannot be merged, until the branch has been brought up to date', async () => {
  await using world = await diverged();
  const { ada, at, repository, show } = world;
  await repository.push('change', { 'README.md': 'Eins\ntwo\nthree\n' });
  const dirty = (await ada.pulls.get({ ...at, pull_number: 1 })).data;
  expect(dirty).toMatchObject({ mergeable: false, mergeable_state: 'dirty', merge_commit_sha: null });
  await expect(ada.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({
    status: 405,
    response: { data: { message: 'Pull Request is not mergeable' } },
  });
  await expect(show('rev-parse', '--verify', 'refs/pull/1/merge')).rejects.toThrow();
  await repository.push('change', { 'README.md': 'One\ntwo\nthree\n' });
  repository.mergeabilityUnknown(1);
  expect((await ada.pulls.get({ ...at, pull_number: 1 })).data).toMatchObject({ mergeable: null, mergeable_state: 'unknown' });
  expect((await ada.pulls.get({ ...at, pull_number: 1 })).data).toMatchObject({ mergeable: true, mergeable_state: 'clean' });
  expect(world.double.violations).toEqual([]);
});

test('a base that must be contained makes a branch stay behind', async () => {
  await using world = await diverged();
  const { ada, at, repository } = world;
  await repository.protect('main', { strict: true });
  expect((await ada.pulls.get({ ...at, pull_number: 1 })).data.mergeable_state).toBe('behind');
  await expect(ada.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 405 });
  expect(world.double.violations).toEqual([]);
});

test('people merge and close as well, and a push of the head into the base is a merge', async () => {
  await using world = await diverged();
  const { ada, at, repository } = world;
  await repository.push('other', { 'c.txt': 'c' });
  const last = await repository.push('last', { 'd.txt': 'd' });
  for (const head of ['other', 'last']) await ada.pulls.create({ ...at, head, base: 'main', title: head });
  await repository.close(2, 'grace');
  await git('-C', repository.folder, 'update-ref', 'refs/heads/main', last);
  await repository.merge(1, 'grace', 'squash');
  expect((await repository.pullRequests()).map(({ number, state, merged }) => [number, state, merged])).toEqual([
    [1, 'closed', true],
    [2, 'closed', false],
    [3, 'closed', true],
  ]);
  expect(world.double.violations).toEqual([]);
});

test('a pull request of a fork can be fetched from the repository it is for', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, token, ada } = await acme(double);
  const fork = await double.fork('acme', 'desktops', 'eve');
  const sha = await fork.push('idea', { 'idea.txt': 'x\n' }, { by: 'eve' });
  const eve = octokit(double, double.user('eve'));
  const { data: pull } = await eve.pulls.create({ ...at, head: 'eve:idea', base: 'main', title: 'An idea' });
  expect(pull).toMatchObject({ head: { sha, label: 'eve:idea', repo: { full_name: 'eve/desktops', fork: true } } });
  const fetched = async (ref: string): Promise<string> =>
    (await git('ls-remote', withToken(repository.gitUrl, token), ref)).split('\t')[0] ?? '';
  expect(await fetched('refs/pull/1/head')).toBe(sha);
  expect(await fetched('refs/pull/1/merge')).toBe(pull.merge_commit_sha);
  const next = await fork.push('idea', { 'idea.txt': 'y\n' }, { by: 'eve' });
  expect((await ada.pulls.get({ ...at, pull_number: 1 })).data.head.sha).toBe(next);
  expect(await fetched('refs/pull/1/head')).toBe(next);
  await expect(eve.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 403 });
  await ada.pulls.merge({ ...at, pull_number: 1, sha: next });
  expect(await git('-C', repository.folder, 'show', 'main:idea.txt')).toBe('y');
  expect((await eve.repos.get({ owner: 'eve', repo: 'desktops' })).data.parent?.full_name).toBe('acme/desktops');
  expect(double.violations).toEqual([]);
});
