import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RollbackWish } from '../../schemas/kinds/changes/change-request.ts';
import { type CommitSha, parseCommitSha } from '../git/commit-sha.ts';
import { type GitServer, serveRepositories } from '../git/serve-repositories.ts';
import { GitSource } from '../git/source.ts';
import { GitTransport } from '../git/wire/http.ts';
import { MAX_ROLLBACK_FILES, rollbackFiles } from './rollback.ts';

const signal = new AbortController().signal;
let server: GitServer;
let transport: GitTransport;
let made = 0;
beforeAll(async () => {
  server = await serveRepositories();
  transport = new GitTransport();
});
afterAll(async () => {
  await transport[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function world() {
  made += 1;
  const folder = await mkdtemp(path.join(tmpdir(), 'streamspace-rollback-'));
  const copy = await server.repository(`r${made}`);
  const git = new GitSource({ directory: folder, transport });
  const repository = { url: copy.url };
  return {
    copy,
    push: async (files: Readonly<Record<string, string | null>>): Promise<CommitSha> => {
      for (const [file, text] of Object.entries(files)) {
        const target = path.join(copy.folder, file);
        await mkdir(path.dirname(target), { recursive: true });
        if (text === null) await rm(target);
        else await writeFile(target, text);
      }
      return parseCommitSha(await copy.push('Change'));
    },
    /** Text of each file, null for one that goes. */
    undo: async (wish: RollbackWish, more: { readonly base?: CommitSha; readonly paths?: readonly string[] } = {}) => {
      const { sha: tip, ref } = await git.resolve(repository, { branch: 'main' }, signal);
      await git.fetch(repository, ref, tip, signal);
      const asked = { repository, branch: 'main', tip, base: more.base, wish, paths: more.paths ?? [] };
      const { files } = await rollbackFiles(git, asked, signal);
      return Object.fromEntries(
        [...files].map(([file, bytes]) => [file, bytes === undefined ? null : Buffer.from(bytes).toString()]),
      );
    },
    async [Symbol.asyncDispose]() {
      await git[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function history() {
  const given = await world();
  const first = await given.push({ 'a.yaml': 'one\n', 'apps/b.yaml': 'one\n', 'apps/c.yaml': 'one\n' });
  const second = await given.push({ 'a.yaml': 'two\n', 'apps/b.yaml': 'two\n' });
  const third = await given.push({ 'apps/c.yaml': null, 'apps/d.yaml': 'new\n' });
  return Object.assign(given, { first, second, third });
}

test('files become what they were, with what was added gone and what was removed back, below the chosen paths alone', async () => {
  await using given = await history();
  const { first } = given;
  const apps = { 'apps/b.yaml': 'one\n', 'apps/c.yaml': 'one\n', 'apps/d.yaml': null };
  expect(await given.undo({ to: first })).toEqual({ 'a.yaml': 'one\n', ...apps });
  expect(await given.undo({ to: first }, { paths: ['apps'] })).toEqual(apps);
  expect(await given.undo({ to: first, paths: ['./apps/b.yaml/'] }, { paths: ['apps'] })).toEqual({ 'apps/b.yaml': 'one\n' });
  // A path is no pattern.
  await expect(given.undo({ to: first, paths: ['*.yaml'] })).rejects.toMatchObject({ code: 'ChangeEmpty' });
});

test('what is named stays within what the GitSync has, and what has nothing of it is refused by its name', async () => {
  await using given = await history();
  const { first } = given;
  const named = async (...paths: string[]) => await given.undo({ to: first, paths }, { paths: ['apps/b.yaml', 'base'] });
  for (const whole of ['.', 'apps', 'apps/b.yaml']) expect(await named(whole)).toEqual({ 'apps/b.yaml': 'one\n' });
  for (const outside of ['a.yaml', 'app', 'apps/c.yaml', '.github/CODEOWNERS', 'bases'])
    await expect(named('apps/b.yaml', outside)).rejects.toMatchObject({
      ...{ code: 'ChangeOutOfScope', message: `${outside} is no part of what the GitSync renders` },
    });
});

test('the last commits are those that touched the files', async () => {
  await using given = await history();
  expect(await given.undo({ last: 1 })).toEqual({ 'apps/c.yaml': 'one\n', 'apps/d.yaml': null });
  expect(await given.undo({ last: 1, paths: ['apps/b.yaml'] })).toEqual({ 'apps/b.yaml': 'one\n' });
  expect(Object.keys(await given.undo({ last: 2 }))).toEqual(['a.yaml', 'apps/b.yaml', 'apps/c.yaml', 'apps/d.yaml']);
  await expect(given.undo({ last: 3 })).rejects.toMatchObject({
    code: 'ChangeConflict',
    message: expect.stringMatching(/first/),
  });
  await expect(given.undo({ last: 4 })).rejects.toMatchObject({
    code: 'ChangeConflict',
    message: expect.stringMatching(/only 3/),
  });
});

test('S-106 a commit in the middle is undone and what came after it stays; where that cannot be, the files are named', async () => {
  await using given = await history();
  expect(await given.undo({ commits: [given.second] })).toEqual({ 'a.yaml': 'one\n', 'apps/b.yaml': 'one\n' });
  await given.push({ 'a.yaml': 'three\n' });
  await expect(given.undo({ commits: [given.second] })).rejects.toMatchObject({
    code: 'ChangeConflict',
    message: expect.stringMatching(/conflicts with newer commits in a\.yaml$/),
  });
  expect(await given.undo({ commits: [given.second], paths: ['apps'] }).catch((error: Error) => error.message)).toMatch(
    /a\.yaml/,
  );
  // Both of them, in whatever order they are named.
  const tip = parseCommitSha((await given.copy.git('-C', given.copy.folder, 'rev-parse', 'HEAD')).trim());
  expect(await given.undo({ commits: [given.second, tip] })).toEqual({ 'a.yaml': 'one\n', 'apps/b.yaml': 'one\n' });
});

test('S-106 a commit that comes into the same files while it waits is a conflict, and one beside them is not', async () => {
  await using given = await history();
  const { third: base, first } = given;
  await given.push({ 'other.yaml': 'beside\n' });
  expect(await given.undo({ last: 1 }, { base })).toEqual({ 'apps/c.yaml': 'one\n', 'apps/d.yaml': null });
  await given.push({ 'apps/d.yaml': 'newer\n' });
  for (const wish of [{ last: 1 }, { to: first }])
    await expect(given.undo(wish, { base })).rejects.toMatchObject({
      code: 'ChangeConflict',
      message: expect.stringMatching(/apps\/d\.yaml/),
    });
});

test('what is in another branch, changes nothing, or touches too much is refused', async () => {
  await using given = await history();
  await expect(given.undo({ to: 'a'.repeat(40) })).rejects.toMatchObject({ code: 'ChangeConflict' });
  await expect(given.undo({ to: given.third })).rejects.toMatchObject({ code: 'ChangeEmpty' });
  await given.push(
    Object.fromEntries(Array.from({ length: MAX_ROLLBACK_FILES + 1 }, (_, index) => [`many/${index}.yaml`, 'x\n'])),
  );
  await expect(given.undo({ last: 1 })).rejects.toMatchObject({ code: 'ChangeNotEditable' });
});
