// What is done about a GitHub that answers too much, too late, elsewhere, or not at all.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askGitHub, GitHubReader } from './github-api.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const reader = (url: string, signal = new AbortController().signal) => new GitHubReader(url, 'gho_secret', signal);
const UNREACHABLE = { code: 'IdentityProviderUnreachable' };

/** @returns the error with everything that a log would show of it */
async function failure(
  asked: Promise<unknown>,
): Promise<{ readonly code: unknown; readonly why: unknown; readonly text: string }> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { code, facts = {}, message, cause } = error as Error & { code?: unknown; facts?: Record<string, unknown> };
  return { code, why: facts['why'], text: `${message} ${String(cause)} ${JSON.stringify(facts)}` };
}

test.each([
  [401, { message: 'Bad credentials' }, 'SignInFailed', 'token'],
  [403, { message: 'Sorry. Your account was suspended. Please contact support.' }, 'SignInFailed', 'suspended'],
  [403, { message: 'API rate limit exceeded for user ID 1.' }, 'IdentityProviderUnreachable', undefined],
  [403, { message: 'You have exceeded a secondary rate limit.' }, 'IdentityProviderUnreachable', undefined],
  [429, { message: 'You have exceeded a secondary rate limit.' }, 'IdentityProviderUnreachable', undefined],
  [404, { message: 'Not Found' }, 'IdentityProviderUnreachable', undefined],
  [500, 'no JSON', 'IdentityProviderUnreachable', undefined],
])('the status %i with %j is %s', async (status, body, code, why) => {
  const url = await serve((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  const told = await failure(reader(url).one('/user'));
  expect([told.code, told.why]).toEqual([code, why]);
  expect(told.text).not.toContain('gho_secret');
});

test('an answer without an end is left, and so is one that does not come', async () => {
  const endless = await serve((_, response) => {
    const more = (): void => void (response.destroyed ? undefined : response.write('x'.repeat(65_536), () => setImmediate(more)));
    more();
  });
  expect(await failure(reader(endless).one('/user'))).toMatchObject({
    ...UNREACHABLE,
    text: expect.stringContaining('more than'),
  });
  const silent = await serve(() => undefined);
  expect(await failure(reader(silent, AbortSignal.timeout(50)).one('/user'))).toMatchObject(UNREACHABLE);
});

test('neither a redirect nor the address of a next page takes the token elsewhere', async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end('[]');
  });
  const moved = await serve((_, response) => response.writeHead(302, { location: elsewhere }).end());
  expect(await failure(reader(moved).one('/user'))).toMatchObject(UNREACHABLE);
  expect(await failure(askGitHub(moved, { method: 'POST', body: 'secret', signal: AbortSignal.timeout(5_000) }))).toMatchObject(
    UNREACHABLE,
  );
  const asked: (string | undefined)[] = [];
  const paged = await serve((request, response) => {
    asked.push(request.url);
    const link: Record<string, string> =
      asked.length < 3 ? { link: `<${elsewhere}/next>; rel="next", <${elsewhere}/last>; rel="last"` } : {};
    response.writeHead(200, link).end(JSON.stringify([asked.length]));
  });
  expect(await reader(paged).all('/user/teams', { state: 'active' })).toEqual([1, 2, 3]);
  expect(asked).toEqual([1, 2, 3].map((page) => `/user/teams?state=active&per_page=100&page=${page}`));
  expect(seen).toEqual([]);
});

test('a list without an end is no list, and neither is what is none', async () => {
  let pages = 0;
  const endless = await serve((_, response) => {
    pages += 1;
    response.writeHead(200, { link: '<x>; rel="next"' }).end('[1]');
  });
  expect(await failure(reader(endless).all('/user/teams'))).toMatchObject({ code: 'SignInFailed', why: 'too-many' });
  expect(pages).toBe(20);
  const other = await serve((_, response) => response.end('{}'));
  expect(await failure(reader(other).all('/user/teams'))).toMatchObject(UNREACHABLE);
});
