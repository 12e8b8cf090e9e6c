// What a webhook delivery carries, by event.
import { commitFacts } from './changes.ts';
import type { Forge } from './forge.ts';
import type { Json, JsonObject } from './json.ts';
import {
  noReactions,
  presentComment,
  presentPullRequest,
  presentReview,
  presentSimplePullRequest,
  pullRequestPage,
} from './present-pull-request.ts';
import { presentAccount, presentRepository, repositoryPage, repositoryUrl } from './present-repository.ts';
import type { GitHubEvent, PullRequest, Repository } from './state.ts';

const NOTHING = '0'.repeat(40);
/** GitHub leaves the rest of a long push out. */
const MAX_COMMITS = 2048;

/** As described: `pull-request-opened`, `push`. */
export function deliveryName(event: GitHubEvent): string {
  const name = event.event.replaceAll('_', '-');
  return event.event === 'push' ? name : `${name}-${event.action}`;
}

export async function payloadOf(forge: Forge, event: GitHubEvent): Promise<JsonObject> {
  const { repository, sender } = event;
  const common = { repository: presentRepository(forge, repository), sender: presentAccount(forge, sender) };
  switch (event.event) {
    case 'pull_request': {
      const pull = await presentPullRequest(forge, repository, event.pull);
      return { action: event.action, number: event.pull.number, pull_request: pull, ...event.more, ...common };
    }
    case 'pull_request_review': {
      const review = presentReview(forge, repository, event.pull, event.review);
      return {
        action: event.action,
        review: { ...review, state: event.review.state.toLowerCase() }, // in deliveries it is lower case
        pull_request: presentSimplePullRequest(forge, repository, event.pull),
        ...common,
      };
    }
    case 'issue_comment':
      return {
        action: event.action,
        issue: presentIssue(forge, repository, event.pull),
        comment: presentComment(forge, repository, event.comment),
        ...event.more,
        ...common,
      };
    case 'push':
      return { ...(await presentPush(forge, event)), ...common };
  }
}

/** A pull request as the issue that it is, too. */
function presentIssue(forge: Forge, repository: Repository, pull: PullRequest): JsonObject {
  const simple = presentSimplePullRequest(forge, repository, pull);
  const base = repositoryUrl(forge, repository);
  const url = `${base}/issues/${pull.number}`;
  const kept = ['id', 'node_id', 'number', 'title', 'user', 'labels', 'state', 'locked', 'assignee', 'assignees', 'milestone'];
  const dates = ['created_at', 'updated_at', 'closed_at', 'author_association', 'active_lock_reason', 'body', 'draft'];
  return {
    ...Object.fromEntries([...kept, ...dates].map((name) => [name, simple[name]])),
    url,
    repository_url: base,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: pullRequestPage(forge, repository, pull.number),
    comments: [...repository.comments.values()].filter(({ number }) => number === pull.number).length,
    pull_request: {
      url: `${base}/pulls/${pull.number}`,
      html_url: pullRequestPage(forge, repository, pull.number),
      diff_url: `${pullRequestPage(forge, repository, pull.number)}.diff`,
      patch_url: `${pullRequestPage(forge, repository, pull.number)}.patch`,
    },
    reactions: noReactions(url),
    performed_via_github_app: null,
  };
}

async function presentPush(forge: Forge, event: Extract<GitHubEvent, { event: 'push' }>): Promise<JsonObject> {
  const { repository, before, after, branch, sender } = event;
  const { git } = repository;
  const page = repositoryPage(forge, repository);
  const range = after === undefined ? undefined : before === undefined ? [after, '--max-count=1'] : [`${before}..${after}`];
  const listed = range === undefined ? '' : await git.run('rev-list', '--reverse', ...range, '--');
  const ids = listed.split('\n').filter((id) => id !== '');
  const commit = async (sha: string): Promise<Json> => {
    const { author, committer, message, tree } = await commitFacts(git, sha);
    return {
      id: sha,
      tree_id: tree,
      distinct: true,
      message,
      timestamp: committer.date,
      url: `${page}/commit/${sha}`,
      author: { name: author.name, email: author.email },
      committer: { name: committer.name, email: committer.email },
      added: [],
      removed: [],
      modified: [],
    };
  };
  return {
    ref: `refs/heads/${branch}`,
    before: before ?? NOTHING,
    after: after ?? NOTHING,
    created: before === undefined,
    deleted: after === undefined,
    forced: before !== undefined && after !== undefined && !(await git.isAncestor(before, after)),
    base_ref: null,
    compare: `${page}/compare/${(before ?? NOTHING).slice(0, 12)}...${(after ?? NOTHING).slice(0, 12)}`,
    commits: await Promise.all(ids.slice(0, MAX_COMMITS).map(commit)),
    head_commit: after === undefined ? null : await commit(after),
    pusher: { name: sender.login, email: `${sender.login}@users.noreply.github.com` },
  };
}
