// A change request as a pull request, by the API of the forge: one a branch, whatever happens in between.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { Forge, ForgeChecks, ForgeRequest, ForgeReview, OpenedRequest } from './forge.ts';
import type { CommitCheck, ForgeRepository, PullRequest, PullRequestApi, PullRequestReview } from './pull-request-api.ts';

/** @param plain pushes and takes away branches; what a forge does with pull requests is asked of the api */
export function createPullRequestForge(api: PullRequestApi, plain: Pick<Forge, 'ensureBranch' | 'close'>): Forge {
  const found = async (request: ForgeRequest, signal: AbortSignal): Promise<PullRequest | undefined> =>
    await api.find(repositoryOf(request, signal), request.branch, request.into);

  return {
    ensureBranch: plain.ensureBranch,

    async openRequest(request, signal) {
      const at = repositoryOf(request, signal);
      const { branch, into, title, body } = request;
      const there = await found(request, signal);
      if (there === undefined) {
        const made = await api.open(at, { branch, into, title, body });
        if (!('refused' in made)) return opened(made);
        // Another try of ours, cut off before it heard of it, may have made it.
        const earlier = await found(request, signal);
        if (earlier !== undefined) return opened(earlier);
        throw new StreamSpaceError('ForgeRefused', `the forge opens no pull request of ${branch}: ${made.refused}`);
      }
      if (there.state === 'Open' && (there.title !== title || there.body !== body))
        await api.edit(at, there.number, { title, body });
      return opened(there);
    },

    async findRequest(request, signal) {
      const there = await found(request, signal);
      return there === undefined ? undefined : opened(there);
    },

    async reviews(request, signal) {
      const there = await found(request, signal);
      if (there === undefined) return [];
      const reviews = await api.reviews(repositoryOf(request, signal), there.number);
      return reviews.flatMap((review) => reviewOf(request, review));
    },

    async checks(request, commit, signal) {
      const at = repositoryOf(request, signal);
      const contexts = await api.requiredContexts(at, request.into);
      return contexts.length === 0 ? PASSED : judgeChecks(contexts, await api.checks(at, commit));
    },

    async merge(request, { commit, message }, signal) {
      const at = repositoryOf(request, signal);
      const there = await found(request, signal);
      if (there === undefined) throw new StreamSpaceError('ForgeRefused', `there is no pull request of ${request.branch}`);
      if (there.state === 'Merged') return mergeCommitOf(there.mergeCommit, request);
      if (there.state === 'Closed')
        throw new StreamSpaceError('PullRequestClosed', `somebody has closed ${there.url} without merging it`);
      const [title = '', ...rest] = message.split('\n');
      const outcome = await api.merge(at, there.number, { head: commit, title, message: rest.join('\n').trim() });
      switch (outcome.kind) {
        case 'merged':
          return mergeCommitOf(outcome.commit, request);
        case 'behind':
          return 'Behind';
        case 'moved':
          throw new StreamSpaceError('GitPushRaced', `${request.branch} or ${request.into} has moved while it was being merged`);
        case 'refused':
          throw new StreamSpaceError('ForgeRefused', `the forge does not merge ${there.url}: ${outcome.message}`);
      }
    },

    async close(request, signal) {
      const there = await found(request, signal);
      if (there?.state === 'Open') await api.close(repositoryOf(request, signal), there.number);
      await plain.close(request, signal);
    },
  };
}

function repositoryOf({ place, credentials }: ForgeRequest, signal: AbortSignal): ForgeRepository {
  if (place === undefined) throw new StreamSpaceError('Internal', 'a remote without pull requests');
  return { place, credentials, signal };
}

function opened({ url, number, state, mergeCommit }: PullRequest): OpenedRequest {
  // It becomes a link of our page.
  const link = /^https?:\/\//.test(url) && url.length <= 2048 ? { url } : {};
  return { ...link, number, state, ...(mergeCommit === undefined ? {} : { mergeCommit }) };
}

function mergeCommitOf(commit: string | undefined, { into }: ForgeRequest): CommitSha {
  if (commit === undefined)
    throw new StreamSpaceError('ForgeRefused', `the forge does not say what ${into} is at after the merge`);
  return parseCommitSha(commit);
}

/** Logins are compared as forges do: their case says nothing. */
function reviewOf({ place }: ForgeRequest, review: PullRequestReview): readonly ForgeReview[] {
  const { login, verdict, commit, at, body, dismissed } = review;
  if (verdict === 'Other') return [];
  const known = place?.people.find((person) => person.login.toLowerCase() === login.toLowerCase());
  const reason = body.trim().slice(0, 1000);
  return [
    {
      ...{ by: known?.user ?? login, verdict, commit, at },
      ...(reason === '' ? {} : { reason }),
      ...(known === undefined ? { void: 'Unknown' } : dismissed ? { void: 'Dismissed' } : {}),
    },
  ];
}

const PASSED: ForgeChecks = { state: 'passed', message: '' };

function judgeChecks(contexts: readonly string[], checks: readonly CommitCheck[]): ForgeChecks {
  const stateOf = (context: string): CommitCheck['state'] => checks.find((each) => each.context === context)?.state ?? 'pending';
  const named = (state: CommitCheck['state']): string => contexts.filter((context) => stateOf(context) === state).join(', ');
  const [failed, pending] = [named('failure'), named('pending')];
  if (failed !== '') return { state: 'failed', message: `what the branch asks for has failed: ${failed}` };
  return pending === '' ? PASSED : { state: 'pending', message: `what the branch asks for is not there yet: ${pending}` };
}
