// /repos/{owner}/{repo}/pulls and what is below it.
import { changedFiles, commitsOf } from './changes.ts';
import { forbidden, invalidField, notFound } from './failure.ts';
import { textAt } from './json.ts';
import { mergePullRequest } from './merge.ts';
import { presentCommit, presentFile } from './present-commit.ts';
import { presentPullRequest, presentReview, presentSimplePullRequest } from './present-pull-request.ts';
import { close, openPullRequest, pin, reopen } from './pull-requests.ts';
import { type ApiRequest, list, pullRequestOf, type Route, repositoryOf, writer } from './route.ts';
import type { Account, MergeMethod, PullRequest, Repository } from './state.ts';

const PULLS = '/repos/{owner}/{repo}/pulls';
const MAX_BODY = 65_536;
const MAX_TITLE = 256;

export const PULL_ROUTES: Readonly<Record<string, Route>> = {
  [`GET ${PULLS}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    return await list(request, listed(request, repository), (pull) => presentSimplePullRequest(request.forge, repository, pull));
  },

  [`POST ${PULLS}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const author = writer(request);
    const headRepository = headOf(request, repository);
    // Who may write the head may offer it to a base they can only read: that is how forks work.
    if (headRepository !== undefined && !request.forge.has(headRepository, author, 'write')) throw forbidden();
    const title = checkedTitle(textAt(request.body, 'title'));
    if (headRepository === undefined) throw invalidField('PullRequest', 'head');
    const pull = await openPullRequest(request.forge, repository, {
      author,
      title,
      body: checkedBody(textAt(request.body, 'body')),
      headRepository,
      headRef: (textAt(request.body, 'head') ?? '').replace(/^[^:]*:/, ''),
      baseRef: textAt(request.body, 'base') ?? '',
      draft: flag(request.body, 'draft'),
      maintainerCanModify: flag(request.body, 'maintainer_can_modify'),
    });
    return { status: 201, body: await presentPullRequest(request.forge, repository, pull) };
  },

  [`GET ${PULLS}/{pull_number}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const pull = pullRequestOf(request, repository);
    return { status: 200, body: await presentPullRequest(request.forge, repository, pull) };
  },

  [`PATCH ${PULLS}/{pull_number}`]: async (request) => {
    const { forge } = request;
    const repository = repositoryOf(request, 'read');
    const sender = writer(request);
    const pull = pullRequestOf(request, repository);
    if (pull.author !== sender && !forge.has(repository, sender, 'write')) throw forbidden();
    await edit(request, repository, pull, sender);
    return { status: 200, body: await presentPullRequest(forge, repository, pull) };
  },

  [`GET ${PULLS}/{pull_number}/files`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const pull = pullRequestOf(request, repository);
    const files = await changedFiles(repository, pull);
    return await list(request, files, (file) => presentFile(request.forge, repository, pull.headSha, file));
  },

  [`GET ${PULLS}/{pull_number}/commits`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const commits = await commitsOf(repository, pullRequestOf(request, repository));
    return await list(request, commits, (commit) => presentCommit(request.forge, repository, commit));
  },

  [`GET ${PULLS}/{pull_number}/reviews`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const pull = pullRequestOf(request, repository);
    return await list(request, pull.reviews, (review) => presentReview(request.forge, repository, pull, review));
  },

  [`GET ${PULLS}/{pull_number}/merge`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    if (pullRequestOf(request, repository).mergedAt === null) throw notFound();
    return { status: 204 };
  },

  [`PUT ${PULLS}/{pull_number}/merge`]: async (request) => {
    const repository = repositoryOf(request, 'write');
    const pull = pullRequestOf(request, repository);
    const sha = await mergePullRequest(request.forge, repository, pull, writer(request), {
      method: methodOf(textAt(request.body, 'merge_method')),
      sha: textAt(request.body, 'sha'),
      title: textAt(request.body, 'commit_title'),
      message: textAt(request.body, 'commit_message'),
    });
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  },
};

function listed({ query }: ApiRequest, repository: Repository): readonly PullRequest[] {
  const state = query.get('state') ?? 'open';
  const [, owner, ref] = /^([^:]+):(.+)$/.exec(query.get('head') ?? '') ?? []; // without an owner GitHub overlooks the filter
  const base = query.get('base');
  const found = [...repository.pulls.values()].filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (ref === undefined || (pull.head.ref === ref && sameName(pull.head.repository.owner.login, owner))) &&
      (base === null || pull.baseRef === base),
  );
  const time = ({ createdAt, updatedAt }: PullRequest): number =>
    (query.get('sort') === 'updated' ? updatedAt : createdAt).getTime();
  const up = found.toSorted((a, b) => time(a) - time(b) || a.number - b.number);
  const direction = query.get('direction') ?? (query.has('sort') && query.get('sort') !== 'created' ? 'asc' : 'desc');
  return direction === 'asc' ? up : up.toReversed();
}

function sameName(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

/** `branch` of the repository itself, or `owner:branch` of its network. */
function headOf({ forge, body }: ApiRequest, repository: Repository): Repository | undefined {
  const [, owner] = /^([^:]+):/.exec(textAt(body, 'head') ?? '') ?? [];
  if (owner === undefined || sameName(repository.owner.login, owner)) return repository;
  return forge.network(repository).find((each) => sameName(each.owner.login, owner));
}

async function edit(request: ApiRequest, repository: Repository, pull: PullRequest, sender: Account): Promise<void> {
  const { forge, body } = request;
  const title = textAt(body, 'title');
  const text = textAt(body, 'body');
  const base = textAt(body, 'base');
  const state = textAt(body, 'state');
  const changes = {
    ...(title === undefined || title === pull.title ? {} : { title: { from: pull.title } }),
    ...(text === undefined || text === (pull.body ?? '') ? {} : { body: { from: pull.body ?? '' } }),
  };
  if (title !== undefined) pull.title = checkedTitle(title);
  if (text !== undefined) pull.body = checkedBody(text);
  if (base !== undefined && base !== pull.baseRef) {
    const sha = repository.heads.get(base);
    if (sha === undefined) throw invalidField('PullRequest', 'base');
    pull.baseRef = base;
    pull.baseSha = sha;
    await pin(repository, pull);
  }
  pull.updatedAt = forge.now();
  if (Object.keys(changes).length > 0) {
    forge.emit({ event: 'pull_request', action: 'edited', repository, pull, sender, more: { changes } });
  }
  if (state === 'closed' && pull.state === 'open') close(forge, repository, pull, sender);
  if (state === 'open' && pull.state === 'closed') await reopen(forge, repository, pull, sender);
}

function checkedTitle(title: string | undefined): string {
  if (title === undefined || title.trim() === '') throw invalidField('PullRequest', 'title', 'missing_field');
  if (title.length > MAX_TITLE) throw invalidField('PullRequest', 'title');
  return title;
}

/** An empty text is none. */
function checkedBody(text: string | undefined): string | null {
  if (text !== undefined && text.length > MAX_BODY) throw invalidField('PullRequest', 'body');
  return text === undefined || text === '' ? null : text;
}

function flag(body: unknown, name: string): boolean {
  return typeof body === 'object' && body !== null && Reflect.get(body, name) === true;
}

function methodOf(text: string | undefined): MergeMethod {
  return text === 'squash' || text === 'rebase' ? text : 'merge';
}
