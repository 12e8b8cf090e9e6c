// What undoing commits comes to, worked out in the clone: which files differ, and what a revert would be (git-merge-tree). Nothing is
// checked out and nothing pushed. Only in `clone.exclusive`.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';
import type { Clone } from './clone.ts';
import { PATHS_AT_ONCE, runGit } from './git-process.ts';
import { commitOf, mergeTree } from './merge-commit.ts';

/** Of `runGit`: what a longer list has beyond it is lost. */
const MAX_LIST = 1024 ** 2;

/** Paths of files that differ, those that are only in one of both too. @param paths none: all @throws ChangeNotEditable for too many */
export async function differingFiles(
  { gitdir }: Clone,
  from: CommitSha,
  to: CommitSha,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--', ...paths.map(literally)];
  const listed = await runGit(args, { gitdir }, signal);
  if (listed.length >= MAX_LIST)
    throw new StreamSpaceError('ChangeNotEditable', 'it would touch too many files: name paths, or revert with git');
  return listed.split('\0').filter((path) => path !== '');
}

/** Whether any of these files is another one. */
export async function anyDiffers(
  clone: Clone,
  from: CommitSha,
  to: CommitSha,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if (from === to) return false;
  for (let at = 0; at < paths.length; at += PATHS_AT_ONCE)
    if ((await differingFiles(clone, from, to, paths.slice(at, at + PATHS_AT_ONCE), signal)).length > 0) return true;
  return false;
}

/** What the branch was at before so many of its commits that touched the paths. @throws ChangeConflict where there are fewer */
export async function beforeLast(
  { gitdir }: Clone,
  { tip, last, paths }: { readonly tip: CommitSha; readonly last: number; readonly paths: readonly string[] },
  signal: AbortSignal,
): Promise<CommitSha> {
  const args = ['rev-list', '--first-parent', '--parents', `--max-count=${last}`, tip, '--', ...paths.map(literally)];
  const lines = (await runGit(args, { gitdir }, signal)).split('\n').filter((line) => line !== '');
  const [commit, parent] = (lines.at(-1) ?? '').split(' ');
  if (lines.length < last || commit === undefined)
    throw new StreamSpaceError('ChangeConflict', `only ${lines.length} commits of the branch touched these files`);
  // With paths the parents are simplified: of the last commit the real one is asked for.
  const known = parent === undefined ? '' : await runGit(['rev-parse', '--verify', '--quiet', `${commit}^`], { gitdir }, signal);
  if (known === '') throw new StreamSpaceError('ChangeConflict', 'there is nothing before the first commit');
  return parseCommitSha(known.trim());
}

/** The tip without these commits, whatever their order, as a commit that nobody sees. @throws ChangeConflict with the files */
export async function without(
  clone: Clone,
  tip: CommitSha,
  commits: readonly CommitSha[],
  signal: AbortSignal,
): Promise<CommitSha> {
  const { gitdir } = clone;
  // A commit has more behind it than any of its ancestors, whatever the clocks of their authors said.
  const behind = new Map<CommitSha, number>();
  for (const commit of commits)
    behind.set(commit, Number.parseInt(await runGit(['rev-list', '--count', commit], { gitdir }, signal), 10));
  let now = tip;
  for (const [commit] of [...behind].toSorted(([, a], [, b]) => b - a)) {
    const parent = (await runGit(['rev-parse', '--verify', `${commit}^1^{tree}`], { gitdir }, signal)).trim();
    // The tree before it, as if made on it: what it changed is what a merge with this takes back.
    const opposite = await commitOf(clone, parent, [commit], signal);
    const tree = await mergeTree(clone, now, opposite, `undoing ${commit.slice(0, 12)} conflicts with newer commits`, signal);
    now = await commitOf(clone, tree, [now], signal);
  }
  return now;
}

/** Not a pattern, whatever is in it (gitglossary, pathspec). */
const literally = (path: string): string => `:(literal)${path}`;
