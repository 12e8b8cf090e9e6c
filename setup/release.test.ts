import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchRelease, ReleaseUnreachable } from './release.ts';

const PROGRAM = Buffer.from('a program\n'.repeat(10_000));
const CHECKSUM = createHash('sha256').update(PROGRAM).digest('hex');

/** A release server on the loopback: `answers` by path, 404 for the rest. */
async function releaseServer(
  answers: Readonly<Record<string, string | Buffer>>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function fetchFrom(
  url: string,
): Promise<{ readonly bytes: Buffer | undefined; readonly started: boolean; readonly error: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-release-'));
  const target = join(folder, 'program');
  let started = false;
  const onStart = (): void => {
    started = true;
  };
  try {
    await fetchRelease({ url, target, signal: new AbortController().signal, onStart });
    return { bytes: await readFile(target), started, error: undefined };
  } catch (error) {
    return { bytes: undefined, started, error };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a program with its published checksum is taken', async () => {
  await using server = await releaseServer({ '/kubelet': PROGRAM, '/kubelet.sha256': `${CHECKSUM}  kubelet\n` });
  const { bytes, started, error } = await fetchFrom(`${server.url}/kubelet`);
  expect(error).toBeUndefined();
  expect(started).toBe(true);
  expect(bytes?.equals(PROGRAM)).toBe(true);
});

test('a program with another checksum is refused, not built around', async () => {
  await using server = await releaseServer({ '/kubelet': PROGRAM, '/kubelet.sha256': 'a'.repeat(64) });
  expect((await fetchFrom(`${server.url}/kubelet`)).error).toMatchObject({ code: 'DownloadFailed' });
});

test('a release that is not there, or a page in its place, means: build it', async () => {
  await using server = await releaseServer({ '/etcd.sha256': '<html>sign in to the network</html>' });
  expect((await fetchFrom(`${server.url}/kubelet`)).error).toBeInstanceOf(ReleaseUnreachable);
  expect((await fetchFrom(`${server.url}/etcd`)).error).toBeInstanceOf(ReleaseUnreachable);
  expect((await fetchFrom('http://127.0.0.1:9/kubelet')).error).toBeInstanceOf(ReleaseUnreachable);
});
