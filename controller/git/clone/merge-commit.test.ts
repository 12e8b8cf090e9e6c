import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCommitSha } from '../commit-sha.ts';
import type { Clone } from './clone.ts';
import { mergeCommit } from './merge-commit.ts';

test('S-108 a branch that has no commit in common with the other is refused for good, and does not look like a broken clone', async () => {
  const gitdir = await mkdtemp(join(tmpdir(), 'streamspace-merge-'));
  try {
    const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: gitdir, encoding: 'utf8' }).trim();
    git('init', '--bare', '--quiet', '.');
    const tree = git('mktree');
    const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
    const commit = (...rest: readonly string[]) => parseCommitSha(git(...who, 'commit-tree', tree, ...rest));
    const [one, orphan] = [commit('-m', 'one'), commit('-m', 'another')];
    const two = commit('-m', 'two', '-p', one);
    const clone = { gitdir } as Clone;
    const { signal } = new AbortController();
    await expect(mergeCommit(clone, one, orphan, signal)).rejects.toMatchObject({
      code: 'ChangeConflict',
      message: expect.stringContaining('no commit in common'),
    });
    await expect(mergeCommit(clone, one, two, signal)).resolves.toMatch(/^[0-9a-f]{40}$/);
  } finally {
    await rm(gitdir, { recursive: true, force: true });
  }
});
