// Commits, their statuses, and refs.
import { commitFacts } from './changes.ts';
import { ApiFailure, notFound, unprocessable } from './failure.ts';
import type { Forge } from './forge.ts';
import { textAt } from './json.ts';
import { presentCheckRun, presentCommit, presentRef, presentSimpleStatus, presentStatus } from './present-commit.ts';
import { presentMinimalRepository, repositoryUrl } from './present-repository.ts';
import { observe } from './pull-requests.ts';
import { type ApiRequest, list, type Route, repositoryOf, writer } from './route.ts';
import type { Account, CommitStatus, Repository } from './state.ts';

const REPO = '/repos/{owner}/{repo}';
/** Of one commit and context. */
const MAX_STATUSES = 1000;

export const COMMIT_ROUTES: Readonly<Record<string, Route>> = {
  [`POST ${REPO}/statuses/{sha}`]: async (request) => {
    const repository = repositoryOf(request, 'write');
    const sha = request.parameters['sha'] ?? '';
    if (!/^[0-9a-f]{40}$/.test(sha) || !(await repository.git.succeeds('cat-file', '-e', `${sha}^{commit}`))) {
      throw new ApiFailure(422, `No commit found for SHA: ${sha}`);
    }
    const status = addStatus(request.forge, repository, writer(request), {
      sha,
      state: stateOf(textAt(request.body, 'state')),
      context: textAt(request.body, 'context') ?? 'default',
      description: textAt(request.body, 'description') ?? null,
      targetUrl: textAt(request.body, 'target_url') ?? null,
    });
    return { status: 201, body: presentStatus(request.forge, repository, status) };
  },

  [`GET ${REPO}/commits/{ref}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const facts = await commitFacts(repository.git, await commitOf(request, repository));
    return { status: 200, body: presentCommit(request.forge, repository, facts) };
  },

  [`GET ${REPO}/commits/{ref}/statuses`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const sha = await commitOf(request, repository);
    const statuses = repository.statuses.filter((status) => status.sha === sha).toReversed();
    return await list(request, statuses, (status) => presentStatus(request.forge, repository, status));
  },

  [`GET ${REPO}/commits/{ref}/status`]: async (request) => {
    const { forge } = request;
    const repository = repositoryOf(request, 'read');
    const sha = await commitOf(request, repository);
    const latest = latestStatuses(repository, sha);
    const shown = await list(request, latest, (status) => presentSimpleStatus(forge, repository, status));
    const url = `${repositoryUrl(forge, repository)}/commits/${sha}`;
    return {
      ...shown,
      body: {
        state: combined(latest),
        statuses: shown.body,
        sha,
        total_count: latest.length,
        repository: presentMinimalRepository(forge, repository),
        commit_url: url,
        url: `${url}/status`,
      },
    };
  },

  [`GET ${REPO}/commits/{ref}/check-runs`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const sha = await commitOf(request, repository);
    const name = request.query.get('check_name');
    const runs = repository.checkRuns.filter((run) => run.sha === sha && (name === null || run.name === name));
    const shown = await list(request, runs, (run) => presentCheckRun(request.forge, repository, run));
    return { ...shown, body: { total_count: runs.length, check_runs: shown.body } };
  },

  [`GET ${REPO}/git/ref/{ref}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const ref = `refs/${request.parameters['ref'] ?? ''}`;
    const sha = await repository.git.run('rev-parse', '--verify', '--quiet', '--end-of-options', ref).catch(() => undefined);
    if (sha === undefined) throw notFound();
    return { status: 200, body: presentRef(request.forge, repository, ref, sha) };
  },

  [`GET ${REPO}/git/matching-refs/{ref}`]: async (request) => {
    const repository = repositoryOf(request, 'read');
    const prefix = `refs/${request.parameters['ref'] ?? ''}`;
    const lines = (await repository.git.run('for-each-ref', '--format=%(refname) %(objectname)')).split('\n');
    const refs = lines.filter((line) => line.startsWith(prefix)).map((line) => line.split(' '));
    return await list(request, refs, ([ref = '', sha = '']) => presentRef(request.forge, repository, ref, sha));
  },

  [`DELETE ${REPO}/git/refs/{ref}`]: async (request) => {
    const { forge } = request;
    const repository = repositoryOf(request, 'write');
    const sender = writer(request);
    const ref = request.parameters['ref'] ?? '';
    const branch = ref.replace(/^heads\//, '');
    if (!repository.heads.has(branch)) throw new ApiFailure(422, 'Reference does not exist');
    if (branch === repository.defaultBranch) throw unprocessable('Reference', 'Cannot delete the default branch.');
    if (repository.protections.has(branch)) throw unprocessable('Reference', 'Cannot delete a protected branch.');
    await repository.git.run('update-ref', '-d', `refs/heads/${branch}`);
    forge.counts.refDeletions += 1;
    repository.lastPusher = sender;
    await observe(forge, repository);
    return { status: 204 };
  },
};

async function commitOf({ parameters }: ApiRequest, repository: Repository): Promise<string> {
  const ref = parameters['ref'] ?? '';
  const sha = await repository.git.commit(ref);
  if (sha === undefined) throw new ApiFailure(422, `No commit found for SHA: ${ref}`);
  return sha;
}

export type NewStatus = Omit<CommitStatus, 'id' | 'creator' | 'createdAt'>;

/** @throws ApiFailure 422 for too many of a context */
export function addStatus(forge: Forge, repository: Repository, creator: Account, wish: NewStatus): CommitStatus {
  const same = repository.statuses.filter(({ sha, context }) => sha === wish.sha && context === wish.context);
  if (same.length >= MAX_STATUSES) {
    throw unprocessable('Status', 'This SHA and context has reached the maximum number of statuses.');
  }
  const status: CommitStatus = { ...wish, id: forge.nextId(), creator, createdAt: forge.now() };
  repository.statuses.push(status);
  forge.counts.statuses += 1;
  return status;
}

function latestStatuses(repository: Repository, sha: string): readonly CommitStatus[] {
  const ofCommit = repository.statuses.filter((status) => status.sha === sha);
  return [...new Map(ofCommit.map((status) => [status.context, status])).values()];
}

function combined(statuses: readonly CommitStatus[]): string {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure';
  return statuses.length > 0 && statuses.every(({ state }) => state === 'success') ? 'success' : 'pending';
}

function stateOf(text: string | undefined): CommitStatus['state'] {
  return text === 'success' || text === 'failure' || text === 'error' ? text : 'pending';
}
