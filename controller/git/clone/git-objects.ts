// Commits and trees as Git stores them (gitformat-pack, git-cat-file). Pure and total: bytes that are none are an error.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CommitFacts } from '../commit-sha.ts';

export interface TreeEntry {
  /** One part of a path. */
  readonly path: string;
  readonly oid: string;
  /** `commit` is a submodule. */
  readonly type: 'tree' | 'blob' | 'symlink' | 'commit';
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly facts: CommitFacts;
}

const ID_BYTES = 20;

/** @throws GitReadIncomplete */
export function parseTree(bytes: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, at);
    if (space < 0 || end < space || end + 1 + ID_BYTES > bytes.length) damaged('a tree');
    const path = bytes.toString('utf8', space + 1, end);
    // Git refuses such names too; a path of ours is built from them.
    if (path === '' || path === '.' || path === '..' || path.includes('/')) damaged('a tree');
    const oid = bytes.toString('hex', end + 1, end + 1 + ID_BYTES);
    entries.push({ path, oid, type: typeOf(bytes.toString('latin1', at, space)) });
    at = end + 1 + ID_BYTES;
  }
  return entries;
}

function typeOf(mode: string): TreeEntry['type'] {
  if (mode === '40000' || mode === '040000') return 'tree';
  if (mode === '120000') return 'symlink';
  if (mode === '160000') return 'commit';
  return /^100[0-7]{3}$/.test(mode) ? 'blob' : damaged('a tree');
}

/** @throws GitReadIncomplete */
export function parseCommit(bytes: Buffer): Commit {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\n\n');
  const head = (end < 0 ? text : text.slice(0, end)).split('\n');
  const tree = /^tree ([0-9a-f]{40})$/.exec(head[0] ?? '')?.[1] ?? damaged('a commit');
  const parents = head.flatMap((line) => /^parent ([0-9a-f]{40})$/.exec(line)?.[1] ?? []);
  const author = head.find((line) => line.startsWith('author '))?.slice('author '.length) ?? '';
  const seconds = Number(
    /^committer .* (\d{1,11}) [+-]\d{4}$/.exec(head.find((line) => line.startsWith('committer ')) ?? '')?.[1] ?? 0,
  );
  return {
    tree,
    parents,
    facts: {
      author: author.replace(/ <.*$/, '').slice(0, 256),
      message: (end < 0 ? '' : text.slice(end + 2).trimStart()).split('\n', 1)[0]?.slice(0, 1024) ?? '',
      time: new Date(seconds * 1000).toISOString(),
    },
  };
}

function damaged(what: string): never {
  throw new StreamSpaceError('GitReadIncomplete', `the clone gives ${what} that is none`);
}
