// What a pull request changes, read from git: files, commits and their numbers.
import type { BareRepository } from './git.ts';
import type { PullRequest, Repository } from './state.ts';

/** GitHub lists no more than these. */
const MAX_FILES = 3000;
const MAX_COMMITS = 250;

export type FileStatus = 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';

const STATUS: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

export interface ChangedFile {
  readonly path: string;
  readonly previousPath: string | undefined;
  readonly status: FileStatus;
  /** Of the blob; of what was removed, the one before. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Without the head of the diff; `undefined` for binary files. */
  readonly patch: string | undefined;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

/** Between the same two commits it is always the same, and each answer about a pull request asks for it. */
const KNOWN = new WeakMap<BareRepository, Map<string, Promise<readonly ChangedFile[]>>>();

/** Against where the head left the base, as GitHub's three-dot diff. */
export async function changedFiles({ git }: Repository, { baseSha, headSha }: PullRequest): Promise<readonly ChangedFile[]> {
  const known = KNOWN.get(git) ?? new Map<string, Promise<readonly ChangedFile[]>>();
  KNOWN.set(git, known);
  const files = known.get(baseSha + headSha) ?? diff(git, baseSha, headSha);
  known.set(baseSha + headSha, files);
  return await files;
}

async function diff(git: BareRepository, base: string, head: string): Promise<readonly ChangedFile[]> {
  const from = (await git.mergeBase(base, head)) ?? base;
  const between = ['-M', '--no-color', '--no-ext-diff', '--no-textconv', from, head, '--'];
  const raw = (await git.raw('diff', '--raw', '--no-abbrev', '-z', ...between)).split('\0');
  const numbers = await numbersOf(git, between);
  const patches = (await git.raw('diff', ...between)).split(/^(?=diff --git )/m).filter((text) => text !== '');
  const files: ChangedFile[] = [];
  for (let index = 0; index < raw.length - 1 && files.length < MAX_FILES; ) {
    const [, , before = '', after = '', letter = ''] = (raw[index] ?? '').split(' ');
    const two = /^[RC]/.test(letter);
    const path = raw[index + (two ? 2 : 1)] ?? '';
    const patch = patches[files.length] ?? '';
    const start = patch.search(/^@@ /m);
    files.push({
      path,
      previousPath: two ? raw[index + 1] : undefined,
      status: STATUS[letter.slice(0, 1)] ?? 'changed',
      sha: letter === 'D' ? before : after,
      ...(numbers[files.length] ?? { additions: 0, deletions: 0 }),
      patch: start === -1 ? undefined : patch.slice(start).replace(/\n$/, ''),
    });
    index += two ? 3 : 2;
  }
  return files;
}

/** In the order of the diff. Binary files have `-` for both. */
async function numbersOf(git: BareRepository, between: readonly string[]) {
  const text = await git.raw('diff', '--numstat', ...between);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [additions = '', deletions = ''] = line.split('\t');
    return { additions: Number(additions) || 0, deletions: Number(deletions) || 0 };
  });
}

/** Oldest first. */
export async function commitsOf({ git }: Repository, pull: PullRequest): Promise<readonly CommitFacts[]> {
  const ids = await git.run('rev-list', '--reverse', '--topo-order', `${pull.baseSha}..${pull.headSha}`, '--');
  const list = ids.split('\n').filter((id) => id !== '');
  return await Promise.all(list.slice(0, MAX_COMMITS).map((sha) => commitFacts(git, sha)));
}

const FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00');

export async function commitFacts(git: BareRepository, name: string): Promise<CommitFacts> {
  const shown = (await git.raw('log', '-1', '--no-show-signature', `--format=${FORMAT}`, name, '--')).split('\0');
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] = shown;
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((id) => id !== ''),
    author: { name: an, email: ae, date: new Date(ad).toISOString() },
    committer: { name: cn, email: ce, date: new Date(cd).toISOString() },
    message: message.trimEnd(),
  };
}
