// Whether a pull request can be merged: git says what conflicts, the protection of its base what is still missing.
import { changedFiles } from './changes.ts';
import { ownersOf } from './code-owners.ts';
import type { Forge } from './forge.ts';
import type { Protection, PullRequest, Repository, Review } from './state.ts';

export type MergeableState = 'clean' | 'dirty' | 'blocked' | 'behind' | 'unstable' | 'draft' | 'unknown';

export interface Mergeability {
  readonly mergeable: boolean | null;
  readonly state: MergeableState;
  /** What a merge is answered with, in GitHub's words; empty when nothing stands in the way. */
  readonly refusals: readonly string[];
}

export type ContextState = 'success' | 'failure' | 'error' | 'pending';

export function requirementsOf(repository: Repository, branch: string): Required<Protection> | undefined {
  const sources = [repository.protections.get(branch), repository.rulesets.get(branch)].filter((each) => each !== undefined);
  if (sources.length === 0) return undefined;
  return {
    requiredApprovals: Math.max(...sources.map(({ requiredApprovals = 0 }) => requiredApprovals)),
    requiredContexts: [...new Set(sources.flatMap(({ requiredContexts = [] }) => requiredContexts))],
    strict: sources.some(({ strict }) => strict === true),
    requireCodeOwnerReviews: sources.some(({ requireCodeOwnerReviews }) => requireCodeOwnerReviews === true),
    dismissStale: sources.some(({ dismissStale }) => dismissStale === true),
    enforceAdmins: sources.some(({ enforceAdmins = true }) => enforceAdmins),
  };
}

/** The newest of each context, of statuses and check runs together. */
export function contextsAt(repository: Repository, sha: string): ReadonlyMap<string, ContextState> {
  const statuses = repository.statuses
    .filter((status) => status.sha === sha)
    .map(({ context, state }) => [context, state] as const);
  const runs = repository.checkRuns.filter((run) => run.sha === sha);
  const checks = runs.map(({ name, conclusion }) => {
    const passed = conclusion === 'success' || conclusion === 'neutral' || conclusion === 'skipped';
    return [name, conclusion === null ? 'pending' : passed ? 'success' : 'failure'] as const;
  });
  return new Map([...statuses, ...checks]);
}

/** The last word of each person who may write; a comment takes nothing back. */
export function opinionsOf(forge: Forge, repository: Repository, pull: PullRequest): readonly Review[] {
  const byPerson = new Map<number, Review>();
  for (const review of pull.reviews) {
    if (review.state === 'COMMENTED' || review.account.id === pull.author.id) continue;
    if (forge.has(repository, review.account, 'write')) byPerson.set(review.account.id, review);
  }
  return [...byPerson.values()];
}

export async function mergeabilityOf(forge: Forge, repository: Repository, pull: PullRequest): Promise<Mergeability> {
  if (pull.mergeCommitSha === null) return { mergeable: false, state: 'dirty', refusals: ['Pull Request is not mergeable'] };
  if (pull.draft) {
    return { mergeable: true, state: 'draft', refusals: ['Pull Request is still a draft'] };
  }
  const required = requirementsOf(repository, pull.baseRef);
  const contexts = contextsAt(repository, pull.headSha);
  if (required !== undefined) {
    const refusals = [
      ...(await missingReviews(forge, repository, pull, required)),
      ...required.requiredContexts.flatMap((context) => missingStatus(context, contexts.get(context))),
    ];
    if (refusals.length > 0) return { mergeable: true, state: 'blocked', refusals };
    if (required.strict && !(await repository.git.isAncestor(pull.baseSha, pull.headSha))) {
      return { mergeable: true, state: 'behind', refusals: ['Head branch is not up to date with the base branch.'] };
    }
  }
  const passing = [...contexts.values()].every((state) => state === 'success');
  return { mergeable: true, state: passing ? 'clean' : 'unstable', refusals: [] };
}

async function missingReviews(
  forge: Forge,
  repository: Repository,
  pull: PullRequest,
  required: Required<Protection>,
): Promise<readonly string[]> {
  const opinions = opinionsOf(forge, repository, pull);
  const approvers = opinions.filter(({ state }) => state === 'APPROVED').map(({ account }) => account.login.toLowerCase());
  const refusals: string[] = [];
  const reviewed = required.requiredApprovals > 0 || required.requireCodeOwnerReviews;
  if (reviewed && opinions.some(({ state }) => state === 'CHANGES_REQUESTED')) {
    refusals.push('Changes have been requested by a reviewer with write access.');
  }
  const wanted = required.requiredApprovals;
  if (approvers.length < wanted) {
    const [reviews, are] = wanted === 1 ? ['review', 'is'] : ['reviews', 'are'];
    refusals.push(`At least ${wanted} approving ${reviews} ${are} required by reviewers with write access.`);
  }
  if (required.requireCodeOwnerReviews) {
    const files = await changedFiles(repository, pull);
    const paths = files.flatMap(({ path, previousPath }) => [path, ...(previousPath === undefined ? [] : [previousPath])]);
    const owners = await ownersOf(repository.git, pull.baseSha, paths);
    if (owners.some((each) => !each.some((owner) => approvers.includes(owner)))) refusals.push('Waiting on code owner review.');
  }
  return refusals;
}

function missingStatus(context: string, state: ContextState | undefined): readonly string[] {
  if (state === 'success') return [];
  if (state === undefined) return [`Required status check "${context}" is expected.`];
  return [`Required status check "${context}" is ${state === 'pending' ? 'pending' : 'failing'}.`];
}
