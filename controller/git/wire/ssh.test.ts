import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseCommitSha } from '../commit-sha.ts';
import { type GitServer, serveRepositories, type WorkingCopy } from '../serve-repositories.ts';
import { GitSource, type Repository } from '../source.ts';
import { GitCredentials } from './credentials.ts';
import { GitTransport } from './http.ts';
import { type SshServer, type SshServerOptions, serveSsh, sshKeyPair } from './serve-ssh.ts';
import { parseSshUrl } from './ssh.ts';

const signal = new AbortController().signal;
const MAIN = { branch: 'main' };
const mine = sshKeyPair();
const protectedKey = sshKeyPair({ passphrase: 'open sesame', cipher: 'aes256-ctr', rounds: 16 });
let git: GitServer;
let transport: GitTransport;
let work: WorkingCopy;
let source: GitSource;
let made = 0;

beforeAll(async () => {
  git = await serveRepositories();
  transport = new GitTransport();
});
afterAll(async () => {
  await transport[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const clones = await mkdtemp(path.join(tmpdir(), 'streamspace-clones-'));
  source = new GitSource({ directory: clones, transport });
  made += 1;
  work = await git.repository(`it's r${made}`);
  return async () => {
    await source[Symbol.asyncDispose]();
    await rm(clones, { recursive: true, force: true });
  };
});

async function served(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
  return await serveSsh({ authorizedKey: mine.public, acceptsVariables: true, ...options });
}

function repositoryAt(server: SshServer, parts: ConstructorParameters<typeof GitCredentials>[0] = {}): Repository {
  const url = `ssh://git@127.0.0.1:${server.port}${encodeURI(work.bare)}`;
  return { url, credentials: new GitCredentials({ ssh: { privateKey: mine.private }, knownHosts: server.knownHosts, ...parts }) };
}

async function read(repository: Repository): Promise<readonly string[]> {
  const { sha, ref } = await source.resolve(repository, MAIN, signal);
  await source.fetch(repository, ref, sha, signal);
  return [...(await source.snapshot(repository, ref, sha, '', signal)).files.keys()];
}

test.each([
  ['2', true],
  ['0', false],
])('a repository is read over ssh in protocol %s, and a second fetch brings what is new', async (_version, acceptsVariables) => {
  await using server = await served({ acceptsVariables });
  const repository = repositoryAt(server);
  await writeFile(path.join(work.folder, 'a.yaml'), 'a');
  await work.push('One');
  expect(await read(repository)).toEqual(['a.yaml']);
  await writeFile(path.join(work.folder, 'b.yaml'), 'b');
  const sha = parseCommitSha(await work.push('Two'));
  expect((await source.resolve(repository, MAIN, signal)).sha).toBe(sha);
  expect(await read(repository)).toEqual(['a.yaml', 'b.yaml']);
  expect(server.commands[0]).toBe(`git-upload-pack '${work.bare.replace("'", `'\\''`)}'`);
  expect(server.variables[0]).toBe('GIT_PROTOCOL=version=2');
});

test('a server that shows a key which known_hosts does not name is refused before anything is said to it', async () => {
  await using server = await served();
  const other = sshKeyPair();
  const wrong = repositoryAt(server, { knownHosts: `[127.0.0.1]:${server.port} ${other.public}` });
  await expect(source.resolve(wrong, MAIN, signal)).rejects.toMatchObject({
    code: 'GitHostKeyRefused',
    message: expect.stringMatching(/shows the key SHA256:/),
  });
  for (const knownHosts of [undefined, '', `127.0.0.1 ${other.public}`, `@revoked ${server.knownHosts}\n${server.knownHosts}`])
    await expect(source.resolve(repositoryAt(server, { knownHosts }), MAIN, signal)).rejects.toMatchObject({
      code: 'GitHostKeyRefused',
    });
  expect(server.commands).toEqual([]);
});

test('a key of another kind than known_hosts names is told as such', async () => {
  await using server = await served({ hostKeyType: 'ecdsa' });
  const other = sshKeyPair();
  const wrong = repositoryAt(server, { knownHosts: `[127.0.0.1]:${server.port} ${other.public}` });
  await expect(source.resolve(wrong, MAIN, signal)).rejects.toMatchObject({ code: 'GitHostKeyRefused' });
});

test('S-019 an identity that the server refuses, that is none or that stays closed is an error without the key in it', async () => {
  await using server = await served();
  await work.push('One');
  const stranger = sshKeyPair();
  const identities = [
    { privateKey: stranger.private },
    { privateKey: 'no key at all' },
    { privateKey: protectedKey.private },
    { privateKey: protectedKey.private, passphrase: 'wrong' },
  ];
  for (const ssh of identities) {
    const error = await source.resolve(repositoryAt(server, { ssh }), MAIN, signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'GitAuthFailed' });
    expect(`${error}${JSON.stringify(error)}`).not.toContain('PRIVATE KEY');
  }
});

test('a key with a passphrase is opened by it', async () => {
  await using server = await served({ authorizedKey: protectedKey.public });
  await work.push('One');
  const ssh = { privateKey: protectedKey.private, passphrase: 'open sesame' };
  expect(await read(repositoryAt(server, { ssh }))).toEqual([]);
});

test('a repository that is not there is told in the words of the server', async () => {
  await using server = await served();
  const repository = { ...repositoryAt(server), url: `ssh://git@127.0.0.1:${server.port}/nowhere.git` };
  await expect(source.resolve(repository, MAIN, signal)).rejects.toMatchObject({
    code: 'GitUnreachable',
    message: expect.stringContaining('nowhere.git'),
  });
});

test('an ssh URL is taken apart as git does it, and a password or a control character in it is refused', () => {
  expect(parseSshUrl('ssh://host.example/a/b.git')).toEqual({ user: 'git', host: 'host.example', port: 22, path: '/a/b.git' });
  expect(parseSshUrl('ssh://me@[::1]:2222/~me/b')).toEqual({ user: 'me', host: '::1', port: 2222, path: '~me/b' });
  for (const url of ['ssh://a:b@host/x', 'ssh://host/', 'ssh://host/a%0Ab', 'https://host/x', 'ssh://host/%'])
    expect(() => parseSshUrl(url)).toThrow(expect.objectContaining({ code: 'GitUrlInvalid' }));
});
