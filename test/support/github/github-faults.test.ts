import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { expect, test } from 'vitest';
import { startGitHubDouble } from './github-double.ts';
import { acme, git, SILENT, withToken } from './octokit.ts';

test.for([
  [{ kind: 'secondaryRateLimit', retryAfterSeconds: 7 }, 403, { 'retry-after': '7' }, /secondary rate limit/],
  [{ kind: 'tooManyRequests', retryAfterSeconds: 2 }, 429, { 'retry-after': '2' }, /secondary rate limit/],
  [{ kind: 'primaryRateLimit' }, 403, { 'x-ratelimit-remaining': '0' }, /API rate limit exceeded/],
  [{ kind: 'error', status: 500 }, 500, {}, /Server Error/],
  [{ kind: 'error', status: 502 }, 502, { 'content-type': 'text/html; charset=utf-8' }, /Bad Gateway/],
  [{ kind: 'error', status: 503 }, 503, {}, /unavailable/],
  [{ kind: 'error', status: 422 }, 422, {}, /Validation Failed/],
] as const)('the next request is answered with %o, and the one after it well', async ([fault, status, headers, words]) => {
  await using double = await startGitHubDouble();
  const { at, ada } = await acme(double);
  double.faults.push({ ...fault, method: 'GET', path: /\/pulls$/ });
  await ada.repos.get(at); // does not match
  const failed = await ada.pulls.list(at).catch((error: unknown) => error);
  expect(failed).toMatchObject({ status, response: { headers }, message: expect.stringMatching(words) });
  expect((await ada.pulls.list(at)).status).toBe(200);
  expect(double.faults.pending).toBe(0);
  expect(double.violations).toEqual([]);
});

test('a connection that ends before has changed nothing, one that ends after has', async () => {
  await using double = await startGitHubDouble();
  const { repository, at, ada } = await acme(double);
  await repository.push('change', { 'a.txt': 'a' });
  const create = async () => await ada.pulls.create({ ...at, head: 'change', base: 'main', title: 'Change' });
  double.faults.push({ kind: 'dropBefore', method: 'POST' }, { kind: 'dropAfter', method: 'POST' });
  await expect(create()).rejects.toThrow();
  expect(double.counts.pullRequests).toBe(0);
  await expect(create()).rejects.toThrow();
  expect(double.counts.pullRequests).toBe(1);
  await expect(create()).rejects.toMatchObject({ status: 422 });
  expect(double.violations).toEqual([]);
});

test('a push may have its effect and still lose its answer', async () => {
  await using double = await startGitHubDouble();
  const { repository, token } = await acme(double);
  double.faults.push({ kind: 'dropAfter', path: /git-receive-pack$/, method: 'POST' });
  const push = git('-C', repository.folder, 'push', withToken(repository.gitUrl, token), 'main:refs/heads/copy');
  await expect(push).rejects.toThrow();
  expect(await git('-C', repository.folder, 'rev-parse', 'copy')).toBe(await git('-C', repository.folder, 'rev-parse', 'main'));
});

test('a fault lasts for as many requests as were asked for', async () => {
  await using double = await startGitHubDouble();
  const { at, ada } = await acme(double);
  double.faults.push({ kind: 'error', status: 503, times: 2 });
  for (const _ of [1, 2]) await expect(ada.repos.get(at)).rejects.toMatchObject({ status: 503 });
  expect((await ada.repos.get(at)).status).toBe(200);
  double.faults.push({ kind: 'error', status: 500, times: 5 });
  double.faults.clear();
  const { headers } = await ada.repos.get(at);
  await expect(ada.repos.get({ ...at, headers: { 'if-none-match': headers.etag } })).rejects.toMatchObject({ status: 304 });
});

test("GitHub's own client waits as long as it is told, and tries again", async () => {
  await using double = await startGitHubDouble();
  const { at, token } = await acme(double);
  const told: string[] = [];
  const tell = (name: string) => (seconds: number) => {
    told.push(`${name} ${seconds}`);
    return true;
  };
  const client = new (Octokit.plugin(throttling, retry))({
    baseUrl: double.apiUrl,
    auth: token,
    log: SILENT,
    throttle: { onRateLimit: tell('primary'), onSecondaryRateLimit: tell('secondary') },
  });
  double.faults.push({ kind: 'secondaryRateLimit', retryAfterSeconds: 1 }, { kind: 'primaryRateLimit', resetInSeconds: 0 });
  expect((await client.repos.get(at)).data.full_name).toBe('acme/desktops');
  expect(told).toEqual(['secondary 1', expect.stringMatching(/^primary [12]$/)]);
});
