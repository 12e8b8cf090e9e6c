// A commit of the clone with a signature. git fast-import writes none, so the commit is made without, and once more with it.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';
import type { CommitSigner } from '../sign/ssh-signer.ts';
import { parseCommit, withSignature } from '../verify/signed-object.ts';
import type { Clone } from './clone.ts';
import { lastLine, outcomeOf, runGit, startGit } from './git-process.ts';

/** @param ref names the signed one afterwards. Only in `clone.exclusive`. @throws GitReadIncomplete */
export async function signCommit(
  clone: Clone,
  { commit, ref, signer }: { readonly commit: CommitSha; readonly ref: string; readonly signer: CommitSigner },
  signal: AbortSignal,
): Promise<CommitSha> {
  const bytes = await clone.object(commit);
  if (bytes === undefined) throw new StreamSpaceError('GitReadIncomplete', `the clone does not hold ${commit}`);
  const child = startGit(['hash-object', '-t', 'commit', '-w', '--stdin'], {
    gitdir: clone.gitdir,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => undefined); // it ends before all is read where something is wrong; its words say what
  child.stdin?.end(withSignature(bytes, signer.sign(bytes)));
  const { code, stdout, stderr } = await outcomeOf(child, signal);
  if (code !== 0) throw new StreamSpaceError('GitReadIncomplete', `git hash-object failed: ${lastLine(stderr)}`);
  const signed = parseCommitSha(stdout.trim());
  await runGit(['update-ref', ref, signed], { gitdir: clone.gitdir }, signal);
  return signed;
}

/** Whether a commit of the clone bears this key's signature. */
export async function isSignedBy(clone: Clone, commit: CommitSha, signer: CommitSigner): Promise<boolean> {
  const bytes = await clone.object(commit);
  if (bytes === undefined) return false;
  const { payload, signature } = parseCommit(bytes);
  return signature !== undefined && signature === signer.sign(payload);
}
