import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseCommitSha } from './commit-sha.ts';
import { snapshotOfFolder } from './folder.ts';
import { type GitServer, serveRepositories, type WorkingCopy } from './serve-repositories.ts';
import { GitSource, type Repository } from './source.ts';
import { GitCredentials } from './wire/credentials.ts';
import { GitTransport } from './wire/http.ts';

const signal = new AbortController().signal;
const MAIN = { branch: 'main' };
let server: GitServer;
let transport: GitTransport;
let clones: string;
let source: GitSource;
let made = 0;
let work: WorkingCopy;

beforeAll(async () => {
  server = await serveRepositories();
  transport = new GitTransport({ connectMs: 1000, silenceMs: 2000, maxBytes: 10_000_000 });
});
afterAll(async () => {
  await transport[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  clones = await mkdtemp(path.join(tmpdir(), 'streamspace-clones-'));
  source = new GitSource({ directory: clones, transport });
  server.fault = undefined;
  made += 1;
  work = await server.repository(`r${made}`);
  return async () => await rm(clones, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(work.folder, file)), { recursive: true });
    await writeFile(path.join(work.folder, file), text);
  }
}

async function read(repository: Repository, folder = ''): Promise<Readonly<Record<string, string>>> {
  const { sha } = await source.resolve(repository, MAIN, signal);
  await source.fetch(repository, MAIN, sha, signal);
  const { files } = await source.snapshot(repository, MAIN, sha, folder, signal);
  return Object.fromEntries([...files].map(([file, bytes]) => [file, Buffer.from(bytes).toString()]));
}

test('a commit gives its files, author and first line; a folder of it gives only what is below, by full path', async () => {
  await write({ 'a.yaml': 'a', 'apps/b.yaml': 'b', 'apps/deep/c.yaml': 'c' });
  const sha = parseCommitSha(await work.push('Add three\n\nand say why'));
  const repository = { url: work.url };
  expect(await source.resolve(repository, MAIN, signal)).toEqual({ sha, ref: MAIN, objectId: sha });
  expect(await source.fetch(repository, MAIN, sha, signal)).toMatchObject({ author: 'Ada', message: 'Add three' });
  expect(await read(repository)).toEqual({ 'a.yaml': 'a', 'apps/b.yaml': 'b', 'apps/deep/c.yaml': 'c' });
  expect(await read(repository, './apps/')).toEqual({ 'apps/b.yaml': 'b', 'apps/deep/c.yaml': 'c' });
});

test('a branch that has not moved costs one request once the server is known, and a folder that did not change keeps its tree id', async () => {
  await write({ 'apps/a.yaml': 'a', 'other.txt': '1' });
  const repository = { url: work.url };
  const first = parseCommitSha(await work.push('One'));
  await source.fetch(repository, MAIN, first, signal);
  const before = await source.snapshot(repository, MAIN, first, 'apps', signal);
  await source.resolve(repository, MAIN, signal);
  server.requests.length = 0;
  await source.fetch(repository, MAIN, (await source.resolve(repository, MAIN, signal)).sha, signal);
  expect(server.requests).toHaveLength(1);
  await write({ 'other.txt': '2' });
  const second = parseCommitSha(await work.push('Two'));
  await source.fetch(repository, MAIN, second, signal);
  const after = await source.snapshot(repository, MAIN, second, 'apps', signal);
  expect(after.treeId).toBe(before.treeId);
  expect(after.files.get('apps/a.yaml')).toBe(before.files.get('apps/a.yaml'));
});

test('a push costs one more request: what the server is, and what it has, is known by then', async () => {
  const repository = { url: work.url };
  await write({ 'a.yaml': '1' });
  await work.push('One');
  expect(await read(repository)).toEqual({ 'a.yaml': '1' });
  await write({ 'a.yaml': '2' });
  await work.push('Two');
  server.requests.length = 0;
  expect(await read(repository)).toEqual({ 'a.yaml': '2' });
  expect(server.requests.map((each) => each.replace(/ .*\//, ' '))).toEqual(['POST git-upload-pack', 'POST git-upload-pack']);
});

test('the commit that was listed is what is fetched, however the branch has moved since', async () => {
  const repository = { url: work.url };
  await write({ 'a.yaml': 'listed' });
  await work.push('Listed');
  const { sha } = await source.resolve(repository, MAIN, signal);
  await work.git('checkout', '--quiet', '--orphan', 'other');
  await write({ 'a.yaml': 'other' });
  await work.push('Other', { force: true });
  await source.fetch(repository, MAIN, sha, signal);
  const { files } = await source.snapshot(repository, MAIN, sha, '', signal);
  expect(Buffer.from(files.get('a.yaml') ?? []).toString()).toBe('listed');
});

test('S-001 a force-push is followed, and the new tip is known not to descend from the old one', async () => {
  const repository = { url: work.url };
  await write({ 'a.yaml': 'old' });
  const old = parseCommitSha(await work.push('Old'));
  expect(await read(repository)).toEqual({ 'a.yaml': 'old' });
  await work.git('checkout', '--quiet', '--orphan', 'fresh');
  await write({ 'a.yaml': 'new' });
  const fresh = parseCommitSha(await work.push('New', { force: true }));
  expect(await read(repository)).toEqual({ 'a.yaml': 'new' });
  expect(await source.descends(repository, fresh, old, signal)).toBe(false);
  await write({ 'a.yaml': 'newer' });
  const newer = parseCommitSha(await work.push('Newer'));
  await read(repository);
  expect(await source.descends(repository, newer, fresh, signal)).toBe(true);
});

test('S-003 a branch that is not there is an error that names it', async () => {
  await work.push('One');
  await expect(source.resolve({ url: work.url }, { branch: 'gone' }, signal)).rejects.toMatchObject({
    code: 'GitRefNotFound',
    message: expect.stringContaining('branch gone'),
  });
});

test('a tag is followed to its commit, an annotated one too, and a pinned commit is found on any branch', async () => {
  await write({ 'a.yaml': 'tagged' });
  const sha = parseCommitSha(await work.push('One'));
  await work.git('tag', '-a', 'v1', '-m', 'first');
  await work.git('push', '--quiet', work.url.replace(/^.*\//, '../'), 'v1').catch(() => undefined);
  await work.git('push', '--quiet', path.join(path.dirname(work.folder), path.basename(new URL(work.url).pathname)), 'v1');
  const repository = { url: work.url };
  expect(await source.resolve(repository, { tag: 'v1' }, signal)).toMatchObject({
    sha,
    objectId: await work.git('rev-parse', 'v1'),
  });
  await source.fetch(repository, { tag: 'v1' }, sha, signal);
  await write({ 'a.yaml': 'later' });
  await work.push('Two');
  const pinned = { commit: sha };
  await source.fetch(repository, pinned, (await source.resolve(repository, pinned, signal)).sha, signal);
  const { files } = await source.snapshot(repository, pinned, sha, '', signal);
  expect(Buffer.from(files.get('a.yaml') ?? []).toString()).toBe('tagged');
});

test('S-005 a path that is missing in the commit is an error that names path and commit', async () => {
  const sha = await work.push('One');
  const error = read({ url: work.url }, 'apps/web');
  await expect(error).rejects.toMatchObject({ code: 'GitPathNotFound' });
  await expect(error).rejects.toThrow(new RegExp(`apps/web.*${sha}`));
});

test('S-009 S-010 a symbolic link is refused by its mode, wherever it points', async () => {
  await write({ 'apps/a.yaml': 'a' });
  await symlink('a.yaml', path.join(work.folder, 'apps/link.yaml'));
  await work.push('Link');
  await expect(read({ url: work.url })).rejects.toMatchObject({ code: 'GitSymlink', position: { file: 'apps/link.yaml' } });
  await expect(snapshotOfFolder(work.folder)).rejects.toMatchObject({ code: 'GitSymlink', position: { file: 'apps/link.yaml' } });
});

test('S-012 a submodule is refused, never taken for an empty folder', async () => {
  const sha = await work.push('One');
  await work.git('update-index', '--add', '--cacheinfo', `160000,${sha},lib/module`);
  await work.git('commit', '--quiet', '-m', 'Module');
  await work.git('push', '--quiet', path.join(path.dirname(work.folder), path.basename(new URL(work.url).pathname)), 'HEAD:main');
  await expect(read({ url: work.url })).rejects.toMatchObject({ code: 'GitSubmodule', position: { file: 'lib/module' } });
});

test('S-014 a Git LFS pointer is named as one', async () => {
  await write({ 'big.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' });
  await work.push('Pointer');
  await expect(read({ url: work.url })).rejects.toMatchObject({ code: 'GitLfsPointer', position: { file: 'big.yaml' } });
});

test('S-015 a repository with SHA-256 names is refused at the first contact', async () => {
  const other = await server.repository(`sha256-${made}`, 'sha256');
  await other.push('One');
  await expect(source.resolve({ url: other.url }, MAIN, signal)).rejects.toMatchObject({ code: 'GitObjectFormat' });
});

test('S-019 credentials go to the server of the repository, a refusal says so, and neither shows the password', async () => {
  await work.push('One');
  server.authorizations.length = 0;
  const repository = { url: work.url, credentials: new GitCredentials({ basic: { username: 'ada', password: 'very secret' } }) };
  await source.resolve(repository, MAIN, signal);
  expect(new Set(server.authorizations)).toEqual(new Set([`Basic ${Buffer.from('ada:very secret').toString('base64')}`]));
  server.fault = { status: 401 };
  const error = await source.resolve(repository, MAIN, signal).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'GitAuthFailed' });
  expect(JSON.stringify([error, repository])).not.toContain('secret');
});

test('a redirect to another server is not followed: it names the URL to write instead', async () => {
  server.fault = { status: 301, headers: { location: 'http://127.0.0.1:9/other.git' } };
  await expect(source.resolve({ url: work.url }, MAIN, signal)).rejects.toMatchObject({
    code: 'GitUrlInvalid',
    message: expect.stringContaining('127.0.0.1:9/other.git'),
  });
});

test('a server that does not answer, or answers with an error, is unreachable', async () => {
  server.fault = { status: 503 };
  await expect(source.resolve({ url: work.url }, MAIN, signal)).rejects.toMatchObject({ code: 'GitUnreachable' });
  await expect(source.resolve({ url: 'http://127.0.0.1:9/x.git' }, MAIN, signal)).rejects.toMatchObject({
    code: 'GitUnreachable',
  });
});

test('a damaged clone is made again', async () => {
  await write({ 'a.yaml': 'a' });
  const sha = parseCommitSha(await work.push('One'));
  const repository = { url: work.url };
  await read(repository);
  const [clone = ''] = await readdir(clones);
  const packs = path.join(clones, clone, 'objects/pack');
  for (const name of await readdir(packs)) if (name.endsWith('.pack')) await truncate(path.join(packs, name), 20);
  const again = new GitSource({ directory: clones, transport });
  expect(await again.fetch(repository, MAIN, sha, signal)).toMatchObject({ message: 'One' });
  for (const name of await readdir(packs)) if (name.endsWith('.pack')) await truncate(path.join(packs, name), 20);
  const { files } = await new GitSource({ directory: clones, transport }).snapshot(repository, MAIN, sha, '', signal);
  expect([...files.keys()]).toEqual(['a.yaml']);
});

test('S-035 a file beyond the limit is an error that names it', async () => {
  await write({ 'ok.yaml': 'a', 'huge.yaml': 'x'.repeat(2000) });
  const limits = { maxFiles: 10, maxFileBytes: 1000, maxBytes: 5000 };
  await expect(snapshotOfFolder(work.folder, limits)).rejects.toMatchObject({
    code: 'FileTooLarge',
    position: { file: 'huge.yaml' },
  });
  await expect(snapshotOfFolder(work.folder, { ...limits, maxFiles: 1, maxFileBytes: 1e6 })).rejects.toMatchObject({
    code: 'GitSnapshotTooLarge',
  });
});
