// Merging a pull request by one of GitHub's three methods, with real commits.
import { commitFacts, commitsOf } from './changes.ts';
import { ApiFailure } from './failure.ts';
import type { Forge } from './forge.ts';
import { type BareRepository, GITHUB, type Signature } from './git.ts';
import { mergeabilityOf, requirementsOf } from './mergeability.ts';
import { close, observe } from './pull-requests.ts';
import type { Account, MergeMethod, PullRequest, Repository } from './state.ts';

export interface MergeWish {
  readonly method: MergeMethod;
  /** What the head must be. Default: whatever it is. */
  readonly sha?: string | undefined;
  readonly title?: string | undefined;
  readonly message?: string | undefined;
}

const NAMES: Readonly<Record<MergeMethod, string>> = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' };

/** Gives the commit the base is at then. @throws ApiFailure 405, 409 */
export async function mergePullRequest(
  forge: Forge,
  repository: Repository,
  pull: PullRequest,
  by: Account,
  wish: MergeWish,
): Promise<string> {
  if (pull.state === 'closed') throw new ApiFailure(405, 'Pull Request is not mergeable');
  if (wish.sha !== undefined && wish.sha !== pull.headSha) {
    throw new ApiFailure(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (!repository.mergeMethods.includes(wish.method)) {
    throw new ApiFailure(405, `${NAMES[wish.method]} are not allowed on this repository.`);
  }
  const { state, refusals } = await mergeabilityOf(forge, repository, pull);
  const pastRules = forge.has(repository, by, 'admin') && requirementsOf(repository, pull.baseRef)?.enforceAdmins === false;
  const stopped = state === 'dirty' || state === 'draft' || !pastRules;
  if (refusals.length > 0 && stopped) throw new ApiFailure(405, refusals.join(' '));

  const { git } = repository;
  const sha = await { merge: mergeCommit, squash: squashed, rebase: rebased }[wish.method](repository, pull, by, wish);
  await git.run('update-ref', `refs/heads/${pull.baseRef}`, sha, pull.baseSha);
  pull.mergedAt = forge.now();
  pull.mergedBy = by;
  pull.mergeCommitSha = sha;
  forge.counts.merges += 1;
  close(forge, repository, pull, by);
  repository.lastPusher = by;
  await observe(forge, repository);
  if (repository.deleteBranchOnMerge && pull.head.repository === repository) {
    await git.run('update-ref', '-d', `refs/heads/${pull.head.ref}`);
    await observe(forge, repository);
  }
  return sha;
}

export function signatureOf({ id, login }: Account): Signature {
  return { name: login, email: `${id}+${login}@users.noreply.github.com` };
}

async function treeOf(git: BareRepository, ours: string, theirs: string): Promise<string> {
  const tree = await git.mergedTree(ours, theirs);
  if (tree === undefined) throw new ApiFailure(405, 'Pull Request is not mergeable');
  return tree;
}

async function mergeCommit({ git }: Repository, pull: PullRequest, by: Account, wish: MergeWish): Promise<string> {
  const title = wish.title ?? `Merge pull request #${pull.number} from ${pull.head.repository.owner.login}/${pull.head.ref}`;
  return await git.commitTree({
    tree: await treeOf(git, pull.baseSha, pull.headSha),
    parents: [pull.baseSha, pull.headSha],
    message: messageOf(title, wish.message ?? pull.title),
    author: signatureOf(by),
    committer: GITHUB,
  });
}

async function squashed(repository: Repository, pull: PullRequest, _by: Account, wish: MergeWish): Promise<string> {
  const commits = await commitsOf(repository, pull);
  const [only] = commits;
  const [title = '', ...rest] = (only?.message ?? '').split('\n');
  const single = commits.length === 1;
  const list = commits.map(({ message }) => `* ${message}`).join('\n\n');
  return await repository.git.commitTree({
    tree: await treeOf(repository.git, pull.baseSha, pull.headSha),
    parents: [pull.baseSha],
    message: messageOf(
      wish.title ?? `${single ? title : pull.title} (#${pull.number})`,
      wish.message ?? (single ? rest.join('\n').trim() : list),
    ),
    author: signatureOf(pull.author),
    committer: GITHUB,
  });
}

/** Each commit on top of the last, its author and date kept; merges among them are left out, as GitHub does. */
async function rebased(repository: Repository, pull: PullRequest, by: Account): Promise<string> {
  const { git } = repository;
  let tip = pull.baseSha;
  for (const commit of await commitsOf(repository, pull)) {
    const [parent, ...others] = commit.parents;
    if (parent === undefined || others.length > 0) continue;
    const { tree } = await commitFacts(git, tip);
    // What is picked is merged with the tip's files as if they stood on the commit's own parent: that is a cherry-pick.
    const onParent = await git.commitTree({ tree, parents: [parent], message: 'pick', author: GITHUB, committer: GITHUB });
    const picked = await git.mergedTree(onParent, commit.sha);
    if (picked === undefined) throw new ApiFailure(405, "This branch can't be rebased");
    if (picked === tree) continue;
    const { author, message } = commit;
    tip = await git.commitTree({ tree: picked, parents: [tip], message, author, committer: signatureOf(by) });
  }
  return tip;
}

function messageOf(title: string, body: string): string {
  return body === '' ? title : `${title}\n\n${body}`;
}
