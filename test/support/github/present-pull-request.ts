// Pull requests, reviews and comments as GitHub writes them.
import { changedFiles, commitsOf } from './changes.ts';
import type { Forge } from './forge.ts';
import type { JsonObject } from './json.ts';
import { type Mergeability, mergeabilityOf } from './mergeability.ts';
import { iso, nodeId, presentAccount, presentRepository, repositoryPage, repositoryUrl } from './present-repository.ts';
import type { Account, Comment, PullRequest, Repository, Review } from './state.ts';

export function pullRequestPage(forge: Forge, repository: Repository, number: number): string {
  return `${repositoryPage(forge, repository)}/pull/${number}`;
}

function association(forge: Forge, repository: Repository, account: Account): string {
  if (account.id === repository.owner.id) return 'OWNER';
  return repository.roles.has(account.login.toLowerCase()) && forge.has(repository, account, 'read') ? 'COLLABORATOR' : 'NONE';
}

function presentEnd(forge: Forge, repository: Repository, ref: string, sha: string): JsonObject {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: presentAccount(forge, repository.owner),
    repo: presentRepository(forge, repository),
  };
}

/** As it stands in lists: nothing of mergeability or numbers. */
export function presentSimplePullRequest(forge: Forge, repository: Repository, pull: PullRequest): JsonObject {
  const base = repositoryUrl(forge, repository);
  const url = `${base}/pulls/${pull.number}`;
  const issue = `${base}/issues/${pull.number}`;
  const page = pullRequestPage(forge, repository, pull.number);
  const links = {
    comments_url: `${issue}/comments`,
    commits_url: `${url}/commits`,
    statuses_url: `${base}/statuses/${pull.headSha}`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${base}/pulls/comments{/number}`,
  };
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: presentAccount(forge, pull.author),
    body: pull.body,
    created_at: iso(pull.createdAt),
    updated_at: iso(pull.updatedAt),
    closed_at: pull.closedAt === null ? null : iso(pull.closedAt),
    merged_at: pull.mergedAt === null ? null : iso(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: pull.draft,
    ...links,
    head: presentEnd(forge, pull.head.repository, pull.head.ref, pull.headSha),
    base: presentEnd(forge, repository, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: links.comments_url },
      review_comments: { href: links.review_comments_url },
      review_comment: { href: links.review_comment_url },
      commits: { href: links.commits_url },
      statuses: { href: links.statuses_url },
    },
    author_association: association(forge, repository, pull.author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

async function shownMergeability(forge: Forge, repository: Repository, pull: PullRequest): Promise<Mergeability> {
  const unknown: Mergeability = { mergeable: null, state: 'unknown', refusals: [] };
  if (pull.state === 'closed') return unknown;
  if (repository.mergeabilityUnknown > 0) {
    repository.mergeabilityUnknown -= 1;
    return unknown;
  }
  return await mergeabilityOf(forge, repository, pull);
}

export async function presentPullRequest(forge: Forge, repository: Repository, pull: PullRequest): Promise<JsonObject> {
  const { mergeable, state } = await shownMergeability(forge, repository, pull);
  const files = await changedFiles(repository, pull);
  const comments = [...repository.comments.values()].filter(({ number }) => number === pull.number);
  return {
    ...presentSimplePullRequest(forge, repository, pull),
    merged: pull.mergedAt !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: state,
    merged_by: pull.mergedBy === null ? null : presentAccount(forge, pull.mergedBy),
    comments: comments.length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: (await commitsOf(repository, pull)).length,
    additions: files.reduce((sum, { additions }) => sum + additions, 0),
    deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: files.length,
  };
}

export function presentReview(forge: Forge, repository: Repository, pull: PullRequest, review: Review): JsonObject {
  const page = `${pullRequestPage(forge, repository, pull.number)}#pullrequestreview-${review.id}`;
  const url = `${repositoryUrl(forge, repository)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: presentAccount(forge, review.account),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: url,
    author_association: association(forge, repository, review.account),
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: iso(review.submittedAt),
    commit_id: review.commitId,
  };
}

export function presentComment(forge: Forge, repository: Repository, comment: Comment): JsonObject {
  const base = repositoryUrl(forge, repository);
  const url = `${base}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url,
    html_url: `${pullRequestPage(forge, repository, comment.number)}#issuecomment-${comment.id}`,
    issue_url: `${base}/issues/${comment.number}`,
    user: presentAccount(forge, comment.account),
    created_at: iso(comment.createdAt),
    updated_at: iso(comment.updatedAt),
    author_association: association(forge, repository, comment.account),
    body: comment.body,
    reactions: noReactions(url),
    performed_via_github_app: null,
  };
}

export function noReactions(url: string): JsonObject {
  const none = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 };
  return { url: `${url}/reactions`, total_count: 0, ...none };
}
