// What a merge would be, made in the clone and pushed nowhere (git-merge-tree). Only in `clone.exclusive`.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';
import type { Clone } from './clone.ts';
import { lastLine, outcomeOf, runGit, startGit } from './git-process.ts';

/** Of nobody: it is looked at, and never seen. */
const NOBODY = { 'user.name': 'StreamSpace', 'user.email': 'noreply@streamspace.io', 'commit.gpgSign': 'false' };
const MAX_FILES = 20;
/** As git says it untranslated, exit code 128. */
const UNRELATED = /refusing to merge unrelated histories/;

/** @throws ChangeConflict with the files, or for histories that have nothing in common, GitReadIncomplete */
export async function mergeCommit(clone: Clone, base: CommitSha, head: CommitSha, signal: AbortSignal): Promise<CommitSha> {
  return await commitOf(clone, await mergeTree(clone, base, head, 'it does not merge', signal), [base, head], signal);
}

/** @param what is said in front of the files @throws ChangeConflict, GitReadIncomplete */
export async function mergeTree(
  { gitdir }: Clone,
  ours: CommitSha,
  theirs: CommitSha,
  what: string,
  signal: AbortSignal,
): Promise<string> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const { code, stdout, stderr } = await outcomeOf(startGit(args, { gitdir }), signal);
  const [tree = '', ...files] = stdout.split('\0').filter((part) => part !== '');
  if (code === 1) throw new StreamSpaceError('ChangeConflict', `${what} in ${filesText(files)}`);
  // Whoever sends it chose so: another try ends the same way.
  if (UNRELATED.test(stderr)) throw new StreamSpaceError('ChangeConflict', `${what}: it has no commit in common with the branch`);
  if (code !== 0) throw new StreamSpaceError('GitReadIncomplete', `git merge-tree failed: ${lastLine(stderr)}`);
  return tree;
}

export async function commitOf(
  { gitdir }: Clone,
  tree: string,
  parents: readonly CommitSha[],
  signal: AbortSignal,
): Promise<CommitSha> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', 'Seen by nobody'];
  return parseCommitSha((await runGit(args, { gitdir, config: NOBODY }, signal)).trim());
}

export function filesText(files: readonly string[]): string {
  const more = files.length > MAX_FILES ? ` and ${files.length - MAX_FILES} more` : '';
  return `${files.slice(0, MAX_FILES).join(', ')}${more}`;
}
