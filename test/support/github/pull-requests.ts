// Pull requests, and how they follow the branches they are made of.
import { invalidField, unprocessable } from './failure.ts';
import type { Forge } from './forge.ts';
import { GITHUB } from './git.ts';
import { requirementsOf } from './mergeability.ts';
import type { Account, PullRequest, Repository } from './state.ts';

export interface NewPullRequest {
  readonly author: Account;
  readonly title: string;
  readonly body: string | null;
  readonly headRepository: Repository;
  readonly headRef: string;
  readonly baseRef: string;
  readonly draft: boolean;
  readonly maintainerCanModify: boolean;
}

/** @throws ApiFailure 422 */
export async function openPullRequest(forge: Forge, repository: Repository, wish: NewPullRequest): Promise<PullRequest> {
  const headSha = wish.headRepository.heads.get(wish.headRef);
  const baseSha = repository.heads.get(wish.baseRef);
  if (headSha === undefined) throw invalidField('PullRequest', 'head');
  if (baseSha === undefined) throw invalidField('PullRequest', 'base');
  const label = `${wish.headRepository.owner.login}:${wish.headRef}`;
  const same = [...repository.pulls.values()].some(
    ({ state, head, baseRef }) =>
      state === 'open' && head.repository === wish.headRepository && head.ref === wish.headRef && baseRef === wish.baseRef,
  );
  if (same) throw unprocessable('PullRequest', `A pull request already exists for ${label}.`);
  await bring(repository, wish.headRepository, headSha);
  if (await repository.git.isAncestor(headSha, baseSha)) {
    const head = wish.headRepository === repository ? wish.headRef : label;
    throw unprocessable('PullRequest', `No commits between ${wish.baseRef} and ${head}`);
  }
  const at = forge.now();
  const pull: PullRequest = {
    id: forge.nextId(),
    number: Math.max(0, ...repository.pulls.keys()) + 1,
    author: wish.author,
    title: wish.title,
    body: wish.body,
    state: 'open',
    draft: wish.draft,
    maintainerCanModify: wish.maintainerCanModify,
    head: { repository: wish.headRepository, ref: wish.headRef },
    baseRef: wish.baseRef,
    headSha,
    baseSha,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    reviews: [],
  };
  repository.pulls.set(pull.number, pull);
  forge.counts.pullRequests += 1;
  await pin(repository, pull);
  forge.emit({ event: 'pull_request', action: 'opened', repository, pull, sender: wish.author });
  return pull;
}

/** Takes up what has been pushed since the last look, into this repository and its forks. */
export async function observe(forge: Forge, repository: Repository): Promise<void> {
  for (const each of forge.network(repository)) {
    const before = each.heads;
    each.heads = await each.git.heads();
    const names = new Set([...before.keys(), ...each.heads.keys()]);
    for (const branch of names) {
      const [old, now] = [before.get(branch), each.heads.get(branch)];
      if (old === now) continue;
      forge.emit({ event: 'push', repository: each, branch, before: old, after: now, sender: each.lastPusher });
      await followBranch(forge, each, branch, now);
    }
  }
}

async function followBranch(forge: Forge, pushed: Repository, branch: string, now: string | undefined): Promise<void> {
  for (const repository of forge.network(pushed)) {
    for (const pull of repository.pulls.values()) {
      const isHead = pull.head.repository === pushed && pull.head.ref === branch;
      const isBase = repository === pushed && pull.baseRef === branch;
      if (pull.state === 'closed' || (!isHead && !isBase)) continue;
      if (now === undefined) close(forge, repository, pull, pushed.lastPusher);
      else if (isHead) await followHead(forge, repository, pull, now);
      else await followBase(forge, repository, pull, now);
    }
  }
}

async function followHead(forge: Forge, repository: Repository, pull: PullRequest, now: string): Promise<void> {
  const before = pull.headSha;
  const sender = pull.head.repository.lastPusher;
  pull.headSha = now;
  pull.updatedAt = forge.now();
  await bring(repository, pull.head.repository, now);
  await pin(repository, pull);
  forge.emit({ event: 'pull_request', action: 'synchronize', repository, pull, sender, more: { before, after: now } });
  if (requirementsOf(repository, pull.baseRef)?.dismissStale !== true) return;
  for (const review of pull.reviews.filter(({ state }) => state === 'APPROVED')) {
    review.state = 'DISMISSED';
    forge.emit({ event: 'pull_request_review', action: 'dismissed', repository, pull, review, sender });
  }
}

/** Who pushes the head into the base has merged it, whatever way they took. */
async function followBase(forge: Forge, repository: Repository, pull: PullRequest, now: string): Promise<void> {
  if (await repository.git.isAncestor(pull.headSha, now)) {
    pull.mergedAt = forge.now();
    pull.mergedBy = repository.lastPusher;
    pull.mergeCommitSha = now;
    close(forge, repository, pull, repository.lastPusher);
    return;
  }
  pull.baseSha = now;
  await pin(repository, pull);
}

export function close(forge: Forge, repository: Repository, pull: PullRequest, sender: Account): void {
  pull.state = 'closed';
  pull.closedAt = forge.now();
  pull.updatedAt = pull.closedAt;
  forge.emit({ event: 'pull_request', action: 'closed', repository, pull, sender });
}

/** @throws ApiFailure 422 when a branch of it is gone */
export async function reopen(forge: Forge, repository: Repository, pull: PullRequest, sender: Account): Promise<void> {
  const headSha = pull.head.repository.heads.get(pull.head.ref);
  const baseSha = repository.heads.get(pull.baseRef);
  if (pull.mergedAt !== null || headSha === undefined || baseSha === undefined) {
    throw unprocessable('PullRequest', 'state cannot be changed. The pull request cannot be reopened.');
  }
  pull.state = 'open';
  pull.closedAt = null;
  pull.headSha = headSha;
  pull.baseSha = baseSha;
  pull.updatedAt = forge.now();
  await bring(repository, pull.head.repository, headSha);
  await pin(repository, pull);
  forge.emit({ event: 'pull_request', action: 'reopened', repository, pull, sender });
}

/** A fork's commits are fetched, as GitHub shares the objects of a network. */
async function bring(repository: Repository, from: Repository, sha: string): Promise<void> {
  if (from !== repository) await repository.git.run('fetch', '--quiet', '--no-tags', from.git.folder, sha);
}

/** Both refs of a pull request: its head, and a test merge where there is no conflict. */
export async function pin({ git }: Repository, pull: PullRequest): Promise<void> {
  await git.run('update-ref', `refs/pull/${pull.number}/head`, pull.headSha);
  const tree = await git.mergedTree(pull.baseSha, pull.headSha);
  const merge = `refs/pull/${pull.number}/merge`;
  if (tree === undefined) {
    pull.mergeCommitSha = null;
    await git.run('update-ref', '-d', merge);
    return;
  }
  const message = `Merge ${pull.headSha} into ${pull.baseSha}`;
  const parents = [pull.baseSha, pull.headSha];
  pull.mergeCommitSha = await git.commitTree({ tree, parents, message, author: GITHUB, committer: GITHUB });
  await git.run('update-ref', merge, pull.mergeCommitSha);
}
