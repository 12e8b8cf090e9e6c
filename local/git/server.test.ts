import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import { hashPassword } from '../people/password.ts';
import { parseBasic } from './accounts.ts';
import { readCgiHead } from './backend.ts';
import { PushNotifier, postNotice } from './notifier.ts';
import { ensureRepository, PUSH_MARK } from './repository.ts';
import { createGitServer, serviceOf } from './server.ts';

const run = promisify(execFile);
const log = createLogger({ name: 'test', level: 'silent' });
const stopping = new AbortController();
const PASSWORDS = { lead: 'leads-own-password', viewer: 'viewers-own-password', sync: 'machines-own-password' };

let folder = '';
let bare = '';
let port = 0;
let gitServer: Server;
let controller: Server;
let told: unknown[] = [];
let wake: () => void = () => {};

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'credential.helper='];
  const env = { PATH: '/usr/bin:/bin', HOME: folder, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
  const { stdout } = await run('git', [...identity, ...args], { cwd, env });
  return stdout.trim();
}

function urlFor(name: keyof typeof PASSWORDS, password = PASSWORDS[name]): string {
  return `http://${name}:${password}@127.0.0.1:${port}/config.git`;
}

async function cloneAs(name: keyof typeof PASSWORDS): Promise<string> {
  const clone = await mkdtemp(join(folder, 'clone-'));
  await git(folder, 'clone', '--quiet', urlFor(name), clone);
  return clone;
}

async function commit(clone: string, file: string, content: string): Promise<void> {
  await writeFile(join(clone, file), content);
  await git(clone, 'add', '--all');
  await git(clone, 'commit', '--quiet', '-m', `Change ${file}`);
}

async function noticed(): Promise<void> {
  while (told.length === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamspace-git-'));
  const example = join(folder, 'example');
  await mkdir(join(example, 'templates'), { recursive: true });
  await mkdir(join(example, 'node_modules/big'), { recursive: true });
  await writeFile(join(example, 'templates/terminal.yaml'), 'kind: Template\n');
  await writeFile(join(example, 'node_modules/big/index.js'), '');
  const root = join(folder, 'git');
  const signal = stopping.signal;
  bare = await ensureRepository({ root, example: { name: 'test', folder: example }, signal });
  controller = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    told.push(JSON.parse(body));
    response.end();
    wake();
  });
  const noticeUrl = `http://127.0.0.1:${await listen(controller)}/hooks/git`;
  const users = await Promise.all(
    Object.entries(PASSWORDS).map(async ([name, password]) => ({
      name,
      passwordHash: await hashPassword(password),
      mayPush: name === 'lead',
    })),
  );
  const config = { port: 0, root, url: 'http://127.0.0.1/config.git', noticeUrl, users };
  gitServer = createGitServer(config, { log, now: () => Date.now(), signal });
  port = await listen(gitServer);
  new PushNotifier({ markFile: join(bare, PUSH_MARK), send: postNotice(noticeUrl, config.url), log, signal }).start();
  await noticed();
});

afterAll(async () => {
  stopping.abort(new Error('the test is over'));
  for (const server of [gitServer, controller]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  told = [];
});

describe('the repository', () => {
  test('starts on main with the example, without node_modules, by StreamSpace', async () => {
    expect(await git(bare, 'ls-tree', '-r', '--name-only', 'main')).toBe('templates/terminal.yaml');
    expect(await git(bare, 'log', '-1', '--format=%an <%ae>: %s', 'main')).toBe(
      'StreamSpace <streamspace@localhost>: Start from the example test',
    );
  });

  test('is kept at the next start, and nothing half made lies beside it', async () => {
    const before = await git(bare, 'rev-parse', 'main');
    await ensureRepository({
      root: join(folder, 'git'),
      example: { name: 'other', folder: '/nowhere' },
      signal: stopping.signal,
    });
    expect(await git(bare, 'rev-parse', 'main')).toBe(before);
    expect(await readdir(join(folder, 'git'))).toEqual(['config.git']);
  });

  test('an example that is not there is named, and leaves no repository', async () => {
    const root = join(folder, 'other');
    const made = ensureRepository({ root, example: { name: 'x', folder: '/nowhere/at/all' }, signal: stopping.signal });
    await expect(made).rejects.toThrow('/nowhere/at/all');
    expect(await readdir(root)).not.toContain('config.git');
  });
});

describe('over HTTP', () => {
  test('lead clones, pushes, and the controller hears of it', async () => {
    const clone = await cloneAs('lead');
    await commit(clone, 'a.yaml', 'a: 1\n');
    await git(clone, 'push', '--quiet', 'origin', 'main');
    await noticed();
    expect(told[0]).toEqual({ url: 'http://127.0.0.1/config.git' });
    expect(await git(bare, 'show', 'main:a.yaml')).toBe('a: 1');
  });

  test('a push of some megabytes arrives whole', async () => {
    const clone = await cloneAs('lead');
    await commit(
      clone,
      'big.bin',
      Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, i) => (i * 2_654_435_761) >>> 0).buffer).toString('base64'),
    );
    await git(clone, 'push', '--quiet', 'origin', 'main');
    expect(await git(await cloneAs('viewer'), 'rev-parse', 'HEAD:big.bin')).toBe(await git(clone, 'rev-parse', 'HEAD:big.bin'));
  });

  test('viewer and the machine user read, and are told who may push', async () => {
    for (const name of ['viewer', 'sync'] as const) {
      const clone = await cloneAs(name);
      await commit(clone, `${name}.yaml`, 'a: 1\n');
      await expect(git(clone, 'push', 'origin', 'main')).rejects.toThrow(
        `${name} may read this repository but not push to it; lead may.`,
      );
    }
    expect(told).toEqual([]);
  });

  test('a wrong password is refused with 401 and a challenge, no password as well', async () => {
    const path = `http://127.0.0.1:${port}/config.git/info/refs?service=git-upload-pack`;
    const wrong = await fetch(path, { headers: { authorization: `Basic ${btoa('viewer:nonsense')}` } });
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic')]);
    expect((await fetch(path)).status).toBe(401);
    await expect(git(folder, 'clone', urlFor('viewer', 'nonsense'), join(folder, 'never'))).rejects.toThrow(
      /[Aa]uthentication failed/,
    );
  });

  test('a client that goes away at any moment of its request leaves the server as it was', async () => {
    const authorization = `Basic ${Buffer.from(`lead:${PASSWORDS.lead}`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/x-git-upload-pack-request', 'content-length': '1000' };
    const failed: unknown[] = [];
    const note = (error: unknown): unknown => failed.push(error);
    process.on('unhandledRejection', note);
    for (let ms = 0; ms < 16; ms++) {
      const client = httpRequest({ port, method: 'POST', path: '/config.git/git-upload-pack', headers });
      client.on('error', () => undefined);
      // The first line of a request whose rest never comes: before git is started, while it starts, and while it waits.
      client.write('0014command=ls-refs\n');
      const [, response] = (await once(gitServer, 'request')) as [unknown, ServerResponse];
      const gone = once(response, 'close');
      await delay(ms);
      client.destroy();
      await gone;
    }
    await cloneAs('lead');
    process.off('unhandledRejection', note);
    expect(failed).toEqual([]);
  });

  test('P-01-12 who keeps guessing must wait, while those who know the password go on', async () => {
    const path = `http://127.0.0.1:${port}/config.git/info/refs?service=git-upload-pack`;
    const attempt = (password: string): Promise<Response> =>
      fetch(path, { headers: { authorization: `Basic ${btoa(`sync:${password}`)}` } });
    expect((await attempt(PASSWORDS.sync)).status).toBe(200);
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await attempt(`guess ${index}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await attempt(PASSWORDS.sync)).status).toBe(200);
  });

  test('only the three requests of the smart protocol are answered', async () => {
    for (const path of [
      '/config.git/HEAD',
      '/config.git/info/refs',
      '/other.git/info/refs?service=git-upload-pack',
      '/config.git/../server.json',
    ]) {
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
    }
    expect(serviceOf('POST', new URL('http://x/config.git/info/refs?service=git-upload-pack'))).toBeUndefined();
    expect(serviceOf('GET', new URL('http://x/config.git/git-upload-pack'))).toBeUndefined();
  });
});

test('a push by path is noticed as well', async () => {
  const clone = await cloneAs('lead');
  await commit(clone, 'by-path.yaml', 'a: 1\n');
  await git(clone, 'push', '--quiet', bare, 'main');
  await noticed();
  expect(told.length).toBeGreaterThan(0);
});

test('a notice that fails is repeated until the controller is back', async () => {
  let tries = 0;
  const arrived = Promise.withResolvers<void>();
  const notifier = new PushNotifier({
    markFile: join(bare, PUSH_MARK),
    send: async () => {
      tries += 1;
      if (tries < 3) throw new Error('down');
      arrived.resolve();
    },
    log,
    signal: stopping.signal,
  });
  notifier.notify();
  await arrived.promise;
  expect(tries).toBe(3);
});

test('a CGI head may come in any pieces, and the body after it is whole', async () => {
  const answer = Buffer.from('Status: 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nbody \r\n\r\n of it');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: answer.length - 1 }), { maxLength: 6 }), async (cuts) => {
      const stream = new PassThrough();
      const places = [0, ...cuts.toSorted((a, b) => a - b), answer.length];
      for (let index = 1; index < places.length; index += 1) stream.write(answer.subarray(places[index - 1], places[index]));
      stream.end();
      expect(await readCgiHead(stream)).toEqual({ status: 403, headers: [['Content-Type', 'text/plain']] });
      const rest: Buffer[] = [];
      for await (const chunk of stream) rest.push(chunk);
      expect(Buffer.concat(rest).toString()).toBe('body \r\n\r\n of it');
    }),
    { numRuns: 50 },
  );
});

test('a backend that ends or babbles before its head is an error, not an endless wait', async () => {
  const silent = new PassThrough();
  silent.end();
  await expect(readCgiHead(silent)).rejects.toMatchObject({ code: 'Internal' });
  const babbling = new PassThrough();
  babbling.write(Buffer.alloc(20_000, 'x'));
  await expect(readCgiHead(babbling)).rejects.toMatchObject({ code: 'Internal' });
});

test('a password may hold colons; a header that is no basic authentication gives nothing', () => {
  expect(parseBasic(`Basic ${btoa('lead:a:b')}`)).toEqual({ name: 'lead', password: 'a:b' });
  for (const header of [undefined, '', 'Bearer x', 'Basic', `Basic ${btoa(':x')}`, `Basic ${btoa('nocolon')}`]) {
    expect(parseBasic(header)).toBeUndefined();
  }
});
