// Comments under a pull request. Who may read a repository may speak in it.
import { forbidden, invalidField, notFound } from './failure.ts';
import type { Forge } from './forge.ts';
import { textAt } from './json.ts';
import { presentComment } from './present-pull-request.ts';
import { type ApiRequest, list, pullRequestOf, type Route, repositoryOf, writer } from './route.ts';
import type { Account, Comment, PullRequest, Repository } from './state.ts';

const COMMENTS = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
const ALL = '/repos/{owner}/{repo}/issues/comments';
const COMMENT = '/repos/{owner}/{repo}/issues/comments/{comment_id}';
const MAX_BODY = 65_536;

export const COMMENT_ROUTES: Readonly<Record<string, Route>> = {
  [`GET ${COMMENTS}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const pull = pullRequestOf(request, repository);
    const since = new Date(request.query.get('since') ?? 0).getTime();
    const comments = [...repository.comments.values()].filter(
      ({ number, updatedAt }) => number === pull.number && updatedAt.getTime() >= since,
    );
    return await list(request, comments, (comment) => presentComment(request.forge, repository, comment));
  },

  [`POST ${COMMENTS}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const account = writer(request);
    const pull = pullRequestOf(request, repository);
    const comment = addComment(request.forge, repository, pull, account, bodyOf(request));
    return { status: 201, body: presentComment(request.forge, repository, comment) };
  },

  [`GET ${ALL}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const { query } = request;
    const since = new Date(query.get('since') ?? 0).getTime();
    const time = ({ createdAt, updatedAt }: Comment): number =>
      (query.get('sort') === 'updated' ? updatedAt : createdAt).getTime();
    const found = [...repository.comments.values()].filter(({ updatedAt }) => updatedAt.getTime() >= since);
    const up = found.toSorted((a, b) => time(a) - time(b) || a.id - b.id);
    // Without `sort`, GitHub overlooks the direction.
    const down = query.has('sort') && (query.get('direction') ?? 'desc') === 'desc';
    return await list(request, down ? up.toReversed() : up, (comment) => presentComment(request.forge, repository, comment));
  },

  [`GET ${COMMENT}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    return { status: 200, body: presentComment(request.forge, repository, commentOf(request, repository)) };
  },

  [`PATCH ${COMMENT}`]: async (request) => {
    const { forge } = request;
    const { repository, comment, pull, sender } = ownComment(request);
    const from = comment.body;
    comment.body = bodyOf(request);
    comment.updatedAt = forge.now();
    forge.counts.commentEdits += 1;
    const more = { changes: { body: { from } } };
    if (pull !== undefined) forge.emit({ event: 'issue_comment', action: 'edited', repository, pull, comment, sender, more });
    return { status: 200, body: presentComment(forge, repository, comment) };
  },

  [`DELETE ${COMMENT}`]: async (request) => {
    const { forge } = request;
    const { repository, comment, pull, sender } = ownComment(request);
    repository.comments.delete(comment.id);
    forge.counts.commentDeletions += 1;
    if (pull !== undefined) forge.emit({ event: 'issue_comment', action: 'deleted', repository, pull, comment, sender });
    return { status: 204 };
  },
};

export function addComment(forge: Forge, repository: Repository, pull: PullRequest, account: Account, body: string): Comment {
  const at = forge.now();
  const comment: Comment = { id: forge.nextId(), number: pull.number, account, body, createdAt: at, updatedAt: at };
  repository.comments.set(comment.id, comment);
  forge.counts.comments += 1;
  pull.updatedAt = at;
  forge.emit({ event: 'issue_comment', action: 'created', repository, pull, comment, sender: account });
  return comment;
}

function commentOf({ parameters }: ApiRequest, repository: Repository): Comment {
  const comment = repository.comments.get(Number(parameters['comment_id']));
  if (comment === undefined) throw notFound();
  return comment;
}

/** Its author may change it, and who may write to the repository. */
function ownComment(request: ApiRequest) {
  const repository = repositoryOf(request, 'read');
  const sender = writer(request);
  const comment = commentOf(request, repository);
  if (comment.account !== sender && !request.forge.has(repository, sender, 'write')) throw forbidden();
  return { repository, comment, sender, pull: repository.pulls.get(comment.number) };
}

function bodyOf({ body }: ApiRequest): string {
  const text = textAt(body, 'body') ?? '';
  if (text.trim() === '') throw invalidField('IssueComment', 'body', 'missing_field');
  if (text.length > MAX_BODY) throw invalidField('IssueComment', 'body');
  return text;
}
