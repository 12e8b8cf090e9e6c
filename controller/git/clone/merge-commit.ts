// What a merge would be, made in the clone and pushed nowhere (git-merge-tree).
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';
import type { Clone } from './clone.ts';
import { lastLine, outcomeOf, runGit, startGit } from './git-process.ts';

/** Of nobody: it is looked at, and never seen. */
const NOBODY = { 'user.name': 'StreamSpace', 'user.email': 'noreply@streamspace.io', 'commit.gpgSign': 'false' };
const MAX_FILES = 20;

/** Only in `clone.exclusive`. @throws ChangeConflict with the files, GitReadIncomplete */
export async function mergeCommit(clone: Clone, base: CommitSha, head: CommitSha, signal: AbortSignal): Promise<CommitSha> {
  const { gitdir } = clone;
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', base, head];
  const { code, stdout, stderr } = await outcomeOf(startGit(args, { gitdir }), signal);
  const [tree = '', ...files] = stdout.split('\0').filter((part) => part !== '');
  if (code === 1) {
    const more = files.length > MAX_FILES ? ` and ${files.length - MAX_FILES} more` : '';
    throw new StreamSpaceError('ChangeConflict', `it does not merge in ${files.slice(0, MAX_FILES).join(', ')}${more}`);
  }
  if (code !== 0) throw new StreamSpaceError('GitReadIncomplete', `git merge-tree failed: ${lastLine(stderr)}`);
  const commit = ['commit-tree', parseCommitSha(tree), '-p', base, '-p', head, '-m', 'Merge'];
  return parseCommitSha((await runGit(commit, { gitdir, config: NOBODY }, signal)).trim());
}
