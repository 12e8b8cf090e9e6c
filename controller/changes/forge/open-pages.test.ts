import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { GitCredentials } from '../../git/wire/credentials.ts';
import { createGiteaApi } from './gitea-api.ts';
import { createGitHubApi } from './github-api.ts';
import { MAX_OPEN } from './pull-request-api.ts';

/** A forge with so many that are open, which moves one to the front while its pages are read. */
async function forgeWith(count: number) {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const query = new URL(url, 'http://forge').searchParams;
    const [page, size] = [Number(query.get('page') ?? '1'), Number(query.get('per_page') ?? query.get('limit'))];
    const numbers = Array.from({ length: count }, (_, index) => count - index);
    const shown = page === 1 ? numbers : [1, ...numbers];
    const items = shown.slice((page - 1) * size, page * size).map((number) => ({
      ...{ number, html_url: 'http://forge/1', state: 'open', title: 't', body: '', merge_commit_sha: null },
      ...{ head: { sha: 'a'.repeat(40), repo: { id: 2 }, repo_id: 2 }, base: { ref: 'main', repo: { id: 1 }, repo_id: 1 } },
    }));
    query.set('page', String(page + 1));
    const next =
      page * size < count ? { link: `<http://${response.req.headers.host}/repos/o/n/pulls?${query}>; rel="next"` } : {};
    response.writeHead(200, { 'content-type': 'application/json', ...next }).end(JSON.stringify(items));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, apiUrl, [Symbol.dispose]: () => void server.close() };
}

test.each([
  ['GitHub', createGitHubApi, /sort=updated&direction=desc/],
  ['Gitea', createGiteaApi, /sort=recentupdate/],
] as const)('all open pull requests of a %s are read, each once, and no more than are looked at', async (type, create, order) => {
  const dispatcher = new Agent();
  const transport = { dispatcher: () => dispatcher, token: async () => 't', refusedToken: () => undefined };
  for (const [count, found, pages] of [
    [101, 101, 3],
    [5_000, MAX_OPEN, MAX_OPEN / 50],
  ] as const) {
    using forge = await forgeWith(count);
    const credentials = new GitCredentials({ basic: { username: 'bot', password: 't' } });
    const place = { type, apiUrl: forge.apiUrl, owner: 'o', name: 'n', mergeMethod: 'Merge' as const, people: [] };
    const all = await create(transport).list({ place, credentials, signal: new AbortController().signal }, 'main');
    const numbers = new Set(all.map(({ number }) => number));
    expect(numbers.size).toBe(all.length);
    expect(found - all.length).toBeLessThanOrEqual(1);
    expect(numbers.has(count)).toBe(true);
    expect(forge.asked.length).toBeLessThanOrEqual(pages);
    expect(forge.asked[0]).toMatch(order);
  }
  await dispatcher.close();
});
