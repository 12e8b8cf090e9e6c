import { expect, test } from 'vitest';
import { appToken } from './apps.ts';
import { startGitHubDouble } from './github-double.ts';
import { acme, git, octokit, withToken } from './octokit.ts';

test('who asks is known by the token alone', async () => {
  await using double = await startGitHubDouble();
  const { ada, at, token } = await acme(double);
  const answer = await ada.users.getAuthenticated();
  expect(answer.data.login).toBe('ada');
  expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999' });
  expect((await ada.repos.get(at)).headers['x-ratelimit-remaining']).toBe('4998');
  const wrong = octokit(double, 'ghp_wrong');
  await expect(wrong.repos.get(at)).rejects.toMatchObject({ status: 401, response: { data: { message: 'Bad credentials' } } });
  await expect(octokit(double).users.getAuthenticated()).rejects.toMatchObject({ status: 401 });
  const bearer = await fetch(`${double.apiUrl}/user`, { headers: { authorization: `Bearer ${token}`, 'user-agent': 'test' } });
  expect(bearer.status).toBe(200);
  double.revoke(token);
  await expect(ada.repos.get(at)).rejects.toMatchObject({ status: 401 });
  expect(double.violations).toEqual([]);
});

test('an app speaks for itself with its JWT, and acts as a bot with the token of its installation', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  const app = double.app('streamspace');
  repository.collaborator(app.login, 'write');
  const itself = octokit(double, await appToken(app, app.privateKey, new Date()));
  expect((await itself.apps.getAuthenticated()).data).toMatchObject({ slug: 'streamspace' });
  await expect(ada.apps.getAuthenticated()).rejects.toMatchObject({ status: 401 });
  const { data: granted } = await itself.apps.createInstallationAccessToken({ installation_id: app.installationId });
  const bot = octokit(double, granted.token);
  await expect(bot.users.getAuthenticated()).rejects.toMatchObject({ status: 403 });
  await repository.push('change', { 'a.txt': 'a' });
  const { data } = await bot.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  expect(data.user).toMatchObject({ login: 'streamspace[bot]', type: 'Bot' });
  expect(double.violations).toEqual([]);
});

test('an App is who signs with its key, for ten minutes at most, and has tokens for its own installation, for an hour', async () => {
  let now = new Date('2027-03-01T08:00:00Z');
  await using double = await startGitHubDouble({ now: () => now });
  const { at } = await acme(double);
  const [app, other] = [double.app('streamspace'), double.app('other')];
  const ask = async (token: string, installation = app.installationId): Promise<string> =>
    (await octokit(double, token).apps.createInstallationAccessToken({ installation_id: installation })).data.token;
  const token = await ask(await appToken(app, app.privateKey, now));
  expect((await octokit(double, token).repos.get(at)).status).toBe(200);
  for (const wrong of [
    await appToken(app, other.privateKey, now),
    await appToken(app, app.privateKey, new Date(now.getTime() - 600_000)),
    await appToken(app, app.privateKey, new Date(now.getTime() + 120_000)),
    'a.b.c',
  ])
    await expect(ask(wrong)).rejects.toMatchObject({ status: 401 });
  await expect(ask(await appToken(app, app.privateKey, now), other.installationId)).rejects.toMatchObject({ status: 404 });
  now = new Date(now.getTime() + 3_600_000);
  await expect(octokit(double, token).repos.get(at)).rejects.toMatchObject({ status: 401 });
  expect(double.violations).toEqual([]);
});

test('a private repository is not there for strangers', async () => {
  await using double = await startGitHubDouble();
  const secret = await double.repository('acme', 'secret', { private: true });
  await secret.push('main', { 'a.txt': 'a' });
  secret.collaborator('ada', 'read');
  const at = { owner: 'acme', repo: 'secret' };
  const [ada, eve] = [double.user('ada'), double.user('eve')];
  await expect(octokit(double, eve).repos.get(at)).rejects.toMatchObject({ status: 404 });
  await expect(octokit(double).repos.get(at)).rejects.toMatchObject({ status: 404 });
  expect((await octokit(double, ada).repos.get(at)).data).toMatchObject({
    private: true,
    permissions: { pull: true, push: false },
  });
  await expect(git('ls-remote', withToken(secret.gitUrl, eve))).rejects.toThrow(/not found/);
  await expect(git('ls-remote', secret.gitUrl)).rejects.toThrow(/terminal prompts disabled/);
  expect(await git('ls-remote', withToken(secret.gitUrl, ada), 'refs/heads/main')).toMatch(/refs\/heads\/main$/);
  expect(double.violations).toEqual([]);
});

test('who may only read changes nothing, by the API or by git', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  const sha = await repository.push('change', { 'a.txt': 'a' });
  await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  const reader = double.user('eve');
  const limited = double.user('ada', 'read');
  for (const client of [octokit(double, reader), octokit(double, limited)]) {
    await expect(client.repos.createCommitStatus({ ...at, sha, state: 'success' })).rejects.toMatchObject({ status: 403 });
    await expect(client.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 403 });
    await expect(client.pulls.update({ ...at, pull_number: 1, title: 'Mine' })).rejects.toMatchObject({ status: 403 });
    await expect(client.pulls.create({ ...at, head: 'change', base: 'main', title: 'x' })).rejects.toMatchObject({ status: 403 });
    await expect(client.git.deleteRef({ ...at, ref: 'heads/change' })).rejects.toMatchObject({ status: 403 });
  }
  await expect(octokit(double, limited).issues.createComment({ ...at, issue_number: 1, body: 'x' })).rejects.toMatchObject({
    status: 403,
  });
  const push = git('-C', repository.folder, 'push', withToken(repository.gitUrl, reader), 'main:refs/heads/mine');
  await expect(push).rejects.toThrow(/403/);
  expect(double.violations).toEqual([]);
});

test('rules of a branch are told as protection to admins, as rules to all, and refuse direct pushes', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada, token } = await acme(double);
  const owner = octokit(double, double.user('acme'));
  await expect(owner.repos.getBranchProtection({ ...at, branch: 'main' })).rejects.toMatchObject({
    response: { data: { message: 'Branch not protected' } },
  });
  expect((await ada.repos.getBranch({ ...at, branch: 'main' })).data.protected).toBe(false);
  const rules = { requiredApprovals: 2, requiredContexts: ['streamspace'], requireCodeOwnerReviews: true };
  await repository.protect('main', rules);
  expect((await owner.repos.getBranchProtection({ ...at, branch: 'main' })).data).toMatchObject({
    required_pull_request_reviews: { required_approving_review_count: 2, require_code_owner_reviews: true },
    required_status_checks: { contexts: ['streamspace'] },
  });
  await expect(ada.repos.getBranchProtection({ ...at, branch: 'main' })).rejects.toMatchObject({ status: 404 });
  expect((await ada.repos.getBranch({ ...at, branch: 'main' })).data).toMatchObject({ protected: true });
  await git('-C', repository.folder, 'branch', 'x', await repository.push('other', { 'x.txt': 'x' }));
  const push = git('-C', repository.folder, 'push', withToken(repository.gitUrl, token), 'x:main');
  await expect(push).rejects.toThrow(/GH006: Protected branch update failed/);
  const hidden = git('-C', repository.folder, 'push', withToken(repository.gitUrl, token), 'x:refs/pull/7/head');
  await expect(hidden).rejects.toThrow(/hidden ref/);
  expect((await ada.repos.getBranchRules({ ...at, branch: 'main' })).data).toEqual([]);
  repository.ruleset('main', rules);
  expect((await ada.repos.getBranchRules({ ...at, branch: 'main' })).data).toMatchObject([
    { type: 'pull_request', parameters: { required_approving_review_count: 2 } },
    { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'streamspace' }] } },
  ]);
  expect(double.violations).toEqual([]);
});

test('roles are told to who may write, and branches with slashes are read and deleted', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  double.user('eve');
  const roles = ['acme', 'ada', 'eve'].map(
    async (username) => (await ada.repos.getCollaboratorPermissionLevel({ ...at, username })).data.permission,
  );
  expect(await Promise.all(roles)).toEqual(['admin', 'write', 'read']);
  const sha = await repository.push('streamspace/change-1', { 'a.txt': 'a' });
  const ref = 'heads/streamspace/change-1';
  expect((await ada.git.getRef({ ...at, ref })).data).toMatchObject({ ref: `refs/${ref}`, object: { sha } });
  expect((await ada.git.listMatchingRefs({ ...at, ref: 'heads/streamspace/' })).data).toHaveLength(1);
  expect((await ada.repos.getBranch({ ...at, branch: 'streamspace/change-1' })).data.commit.sha).toBe(sha);
  expect((await ada.git.deleteRef({ ...at, ref })).status).toBe(204);
  await expect(ada.git.deleteRef({ ...at, ref })).rejects.toMatchObject({ status: 422 });
  await expect(ada.git.getRef({ ...at, ref })).rejects.toMatchObject({ status: 404 });
  expect(double.counts.refDeletions).toBe(1);
  expect(double.violations).toEqual([]);
});
