// A bare repository on disk, and what GitHub does in one: all by git itself, nothing is checked out.
import { execFile } from 'node:child_process';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** As git writes it: `1700000000 +0000`. Default: now. */
  readonly date?: string;
}

export const GITHUB: Signature = { name: 'GitHub', email: 'noreply@github.com' };

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

/** Direct pushes past the protection of a branch are refused as GitHub does; the list is beside it. */
const UPDATE_HOOK = `#!/bin/sh
[ -n "$REMOTE_USER" ] || exit 0
if grep -qxF "$1" protected-refs 2>/dev/null; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  echo "error: Changes must be made through a pull request." >&2
  exit 1
fi
`;

/** Nobody but GitHub writes `refs/pull`. Any commit can be fetched by its id, and without its blobs. */
const CONFIG = `[http]
	receivepack = true
[receive]
	hideRefs = refs/pull
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[gc]
	auto = 0
`;

export class BareRepository {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async create(folder: string, defaultBranch: string): Promise<BareRepository> {
    const repository = new BareRepository(folder);
    await execute('git', ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, folder], {
      env: environment(),
    });
    await appendFile(path.join(folder, 'config'), CONFIG);
    await mkdir(path.join(folder, 'hooks'), { recursive: true });
    await writeFile(path.join(folder, 'hooks', 'update'), UPDATE_HOOK, { mode: 0o755 });
    return repository;
  }

  async writeProtectedRefs(branches: readonly string[]): Promise<void> {
    const lines = branches.map((branch) => `refs/heads/${branch}\n`);
    await writeFile(path.join(this.folder, 'protected-refs'), lines.join(''));
  }

  /** What git prints, as it prints it. Rejects when git fails. */
  async raw(...args: readonly string[]): Promise<string> {
    return (await execute('git', ['-C', this.folder, ...args], { env: environment(), maxBuffer: 64 * 1024 ** 2 })).stdout;
  }

  async run(...args: readonly string[]): Promise<string> {
    return (await this.raw(...args)).trim();
  }

  async succeeds(...args: readonly string[]): Promise<boolean> {
    return await this.raw(...args).then(
      () => true,
      () => false,
    );
  }

  /** By name without `refs/heads/`. */
  async heads(): Promise<ReadonlyMap<string, string>> {
    const listed = await this.run('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads');
    const lines = listed.split('\n').filter((line) => line !== '');
    return new Map(lines.map((line) => line.slice('refs/heads/'.length).split(' ')).map(([name = '', sha = '']) => [name, sha]));
  }

  /** The commit that a branch, tag or id names. */
  async commit(name: string): Promise<string | undefined> {
    for (const full of [
      `refs/heads/${name}`,
      `refs/tags/${name}`,
      `refs/${name}`,
      ...(/^[0-9a-f]{7,40}$/.test(name) ? [name] : []),
    ]) {
      const found = await this.run('rev-parse', '--verify', '--quiet', '--end-of-options', `${full}^{commit}`).catch(() => '');
      if (found !== '') return found;
    }
    return undefined;
  }

  async isAncestor(older: string, newer: string): Promise<boolean> {
    return await this.succeeds('merge-base', '--is-ancestor', older, newer);
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    return await this.run('merge-base', a, b).catch(() => undefined);
  }

  /** The tree of a merge; `undefined` for a conflict. */
  async mergedTree(ours: string, theirs: string): Promise<string | undefined> {
    return await this.run('merge-tree', '--write-tree', '--no-messages', ours, theirs).catch(() => undefined);
  }

  async commitTree({ tree, parents, message, author, committer }: NewCommit): Promise<string> {
    const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message];
    const env = {
      ...environment(),
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      ...(author.date === undefined ? {} : { GIT_AUTHOR_DATE: author.date }),
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
    };
    return (await execute('git', ['-C', this.folder, ...args], { env })).stdout.trim();
  }
}

/** Nobody's configuration; a merge asks for an identity even where it makes no commit. */
export function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: GITHUB.name,
    GIT_AUTHOR_EMAIL: GITHUB.email,
    GIT_COMMITTER_NAME: GITHUB.name,
    GIT_COMMITTER_EMAIL: GITHUB.email,
  };
}
