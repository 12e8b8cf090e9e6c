// GitHub's REST API through Octokit, with its plug-ins for rate limits and for what passes by itself.
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import Bottleneck from 'bottleneck';
import { fetch as undiciFetch } from 'undici';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { fingerprint } from '../../git/clone/fingerprint.ts';
import { appJwt } from '../../git/wire/github-app.ts';
import type { GitTransport } from '../../git/wire/http.ts';
import { numberIn, refusal, unreachable } from './forge-http.ts';
import type { CommitCheck, ForgeRepository, PullRequest, PullRequestApi, PullRequestReview } from './pull-request-api.ts';

const ForgeOctokit = Octokit.plugin(throttling, retry);
type Client = InstanceType<typeof ForgeOctokit>;

const PAGE = 100;
/** Waited for in the request; a longer pause is left to whoever asks, who has others to serve. */
const MAX_PAUSE_S = 10;
const MAX_CLIENTS = 64;
/** No more than this beside each other of what writes, where the server does not ask for a pause between. */
const MAX_WRITES = 4;
/**
 * GitHub's own hosts ask for a second between writes and for three where somebody is notified ("Best practices for using the REST API",
 * GitHub Docs), which the plug-in keeps; a GitHub Enterprise Server limits nothing unless its administrator wants it to, and says so then.
 */
const UNPACED = {
  write: new Bottleneck.Group({ maxConcurrent: MAX_WRITES }),
  notifications: new Bottleneck.Group({ maxConcurrent: MAX_WRITES }),
};
const MERGE = { Merge: 'merge', Squash: 'squash', Rebase: 'rebase' } as const;
const VERDICTS: Readonly<Record<string, PullRequestReview['verdict']>> = {
  APPROVED: 'Approve',
  CHANGES_REQUESTED: 'Reject',
};

export function createGitHubApi(transport: Pick<GitTransport, 'dispatcher' | 'token' | 'refusedToken'>): PullRequestApi {
  const clients = new Map<string, Client>();

  async function clientFor({ place, credentials, signal }: ForgeRepository): Promise<Client> {
    const token = await transport.token(credentials, signal);
    if (token === undefined) throw new StreamSpaceError('ForgeAuthFailed', `there is no token for the API at ${place.apiUrl}`);
    const key = fingerprint({ apiUrl: place.apiUrl, token });
    const client = clients.get(key) ?? clientOf(place.apiUrl, token, transport.dispatcher(credentials), key);
    clients.delete(key);
    clients.set(key, client); // the most recently used stands last
    for (const oldest of clients.keys()) if (clients.size > MAX_CLIENTS) clients.delete(oldest);
    return client;
  }

  async function attempt<T>(at: ForgeRepository, work: Work<T>): Promise<Attempt<T>> {
    const { place, signal } = at;
    const client = await clientFor(at);
    try {
      return { value: await work(client, { owner: place.owner, repo: place.name, request: { signal } }) };
    } catch (error) {
      signal.throwIfAborted();
      const answered = answerIn(error);
      if (answered?.headers === undefined) throw unreachable(place.apiUrl, error);
      if (answered.status === 401) transport.refusedToken(at.credentials);
      return { status: answered.status, error: refusal({ ...answered, apiUrl: place.apiUrl, headers: answered.headers }) };
    }
  }

  async function must<T>(at: ForgeRepository, work: Work<T>): Promise<T> {
    const done = await attempt(at, work);
    if ('error' in done) throw done.error;
    return done.value;
  }

  /** @returns undefined where it is not there */
  async function find<T>(at: ForgeRepository, work: Work<T>): Promise<T | undefined> {
    const done = await attempt(at, work);
    if (!('error' in done)) return done.value;
    if (done.status === 404) return undefined;
    throw done.error;
  }

  return {
    async login(at) {
      const { githubApp } = at.credentials;
      if (githubApp === undefined)
        return (await must(at, (client, { request }) => client.users.getAuthenticated({ request }))).data.login;
      // An App is nobody: what it writes is by `<slug>[bot]`, and it says its name to itself alone.
      const jwt = appJwt(githubApp, Date.now());
      const itself = clientOf(at.place.apiUrl, jwt, transport.dispatcher(at.credentials), `app ${githubApp.appId}`);
      const app = await must(at, (_client, { request }) => itself.apps.getAuthenticated({ request }));
      return `${app.data?.slug ?? ''}[bot]`;
    },

    async find(at, branch, into) {
      const head = `${at.place.owner}:${branch}`;
      const { data } = await must(at, (client, repository) =>
        client.pulls.list({ ...repository, head, base: into, state: 'all', sort: 'created', direction: 'desc', per_page: 10 }),
      );
      const found = data.find(({ state }) => state === 'open') ?? data[0];
      return found === undefined ? undefined : pullRequestOf(found);
    },

    async get(at, number) {
      const found = await find(at, (client, repository) => client.pulls.get({ ...repository, pull_number: number }));
      return found === undefined ? undefined : pullRequestOf(found.data);
    },

    async list(at, into) {
      const { data } = await must(at, (client, repository) =>
        client.pulls.list({ ...repository, base: into, state: 'open', sort: 'created', direction: 'asc', per_page: PAGE }),
      );
      return data.map(pullRequestOf);
    },

    async closed(at, into) {
      const { data } = await must(at, (client, repository) =>
        client.pulls.list({ ...repository, base: into, state: 'closed', sort: 'updated', direction: 'desc', per_page: 50 }),
      );
      return data.map(pullRequestOf);
    },

    async recentComments(at, since) {
      const { data } = await must(at, (client, repository) =>
        client.issues.listCommentsForRepo({
          ...{ ...repository, since: since.toISOString(), sort: 'updated', direction: 'desc', per_page: PAGE },
        }),
      );
      return data.map(({ id, user, body, issue_url: issue }) => ({
        ...{ id, login: user?.login ?? '', body: body ?? '', number: numberIn(issue) },
      }));
    },

    async open(at, { branch: head, into: base, title, body }) {
      const made = await attempt(at, (client, repository) => client.pulls.create({ ...repository, head, base, title, body }));
      if (!('error' in made)) return pullRequestOf(made.value.data);
      if (made.status === 422) return { refused: made.error.message };
      throw made.error;
    },

    async edit(at, number, change) {
      await must(at, (client, repository) => client.pulls.update({ ...repository, pull_number: number, ...change }));
    },

    async close(at, number) {
      await must(at, (client, repository) => client.pulls.update({ ...repository, pull_number: number, state: 'closed' }));
    },

    async reviews(at, number) {
      const all = await must(at, (client, repository) =>
        client.paginate(client.pulls.listReviews, { ...repository, pull_number: number, per_page: PAGE }),
      );
      return all.flatMap(({ user, state, commit_id: commit, submitted_at: when, body }) =>
        user === null || when === undefined || commit === null
          ? []
          : [
              {
                ...{ login: user.login, commit, at: when, body },
                // What a dismissed one said is not told any more.
                ...{ verdict: state === 'DISMISSED' ? ('Approve' as const) : (VERDICTS[state] ?? 'Other') },
                dismissed: state === 'DISMISSED',
              },
            ],
      );
    },

    async comments(at, number) {
      const all = await must(at, (client, repository) =>
        client.paginate(client.issues.listComments, { ...repository, issue_number: number, per_page: PAGE }),
      );
      return all.map(({ id, user, body }) => ({ id, login: user?.login ?? '', body: body ?? '' }));
    },

    async createComment(at, number, body) {
      await must(at, (client, repository) => client.issues.createComment({ ...repository, issue_number: number, body }));
    },

    async editComment(at, id, body) {
      await must(at, (client, repository) => client.issues.updateComment({ ...repository, comment_id: id, body }));
    },

    async deleteComment(at, id) {
      await find(at, (client, repository) => client.issues.deleteComment({ ...repository, comment_id: id }));
    },

    async setStatus(at, sha, { context, state, description, url }) {
      const target = url === undefined ? {} : { target_url: url };
      await must(at, (client, repository) =>
        client.repos.createCommitStatus({ ...repository, sha, context, state, description, ...target }),
      );
    },

    async checks(at, ref) {
      const { data } = await must(at, (client, repository) =>
        client.repos.getCombinedStatusForRef({ ...repository, ref, per_page: PAGE }),
      );
      const runs = await must(at, (client, repository) =>
        client.paginate(client.checks.listForRef, { ...repository, ref, per_page: PAGE }),
      );
      return [
        ...data.statuses.map(({ context, state, description }) => ({
          ...{ context, state: statusState(state), description: description ?? '' },
        })),
        ...runs.map(({ name, status, conclusion }) => ({ context: name, state: runState(status, conclusion), description: '' })),
      ];
    },

    async requiredContexts(at, branch) {
      const { data } = await must(at, (client, repository) => client.repos.getBranch({ ...repository, branch }));
      const rules = await find(at, (client, repository) =>
        client.paginate(client.repos.getBranchRules, { ...repository, branch, per_page: PAGE }),
      );
      const contexts = new Set(data.protection?.required_status_checks?.contexts ?? []);
      for (const rule of rules ?? []) {
        if (rule.type === 'required_status_checks')
          for (const { context } of rule.parameters?.required_status_checks ?? []) contexts.add(context);
      }
      return [...contexts];
    },

    async merge(at, number, { head, title, message }) {
      const wish = { pull_number: number, sha: head, merge_method: MERGE[at.place.mergeMethod] } as const;
      const words = { commit_title: title, commit_message: message };
      const done = await attempt(at, (client, repository) => client.pulls.merge({ ...repository, ...wish, ...words }));
      if (!('error' in done)) return { kind: 'merged', commit: done.value.data.sha };
      if (done.status === 409) return { kind: 'moved' };
      if (done.status !== 405) throw done.error;
      // The words of a refusal are for people; what stands against it is said as a state.
      const now = await find(at, (client, repository) => client.pulls.get({ ...repository, pull_number: number }));
      return now?.data.mergeable_state === 'behind' ? { kind: 'behind' } : { kind: 'refused', message: done.error.message };
    },
  };
}

interface Target {
  readonly owner: string;
  readonly repo: string;
  readonly request: { readonly signal: AbortSignal };
}

type Work<T> = (client: Client, repository: Target) => Promise<T>;
type Attempt<T> = { readonly value: T } | { readonly status: number; readonly error: StreamSpaceError };

/** Whether the host is one that GitHub runs: github.com, or a tenant with data residency. */
export function isPaced(apiUrl: string): boolean {
  const { hostname } = new URL(apiUrl);
  return hostname === 'api.github.com' || hostname.endsWith('.ghe.com');
}

/** @param account whose requests keep their pace together: limits are by account, so that none waits for another */
function clientOf(baseUrl: string, token: string, dispatcher: ReturnType<GitTransport['dispatcher']>, account: string): Client {
  const briefly = (seconds: number, _options: object, _client: unknown, tried: number): boolean =>
    tried < 2 && seconds <= MAX_PAUSE_S;
  return new ForgeOctokit({
    ...{ baseUrl, auth: token, userAgent: 'streamspace' },
    // What the plug-ins have to say is said by the errors.
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    request: { fetch: (url: string, options: object) => undiciFetch(url, { ...options, dispatcher }) },
    throttle: {
      ...{ id: account, onRateLimit: briefly, onSecondaryRateLimit: briefly, fallbackSecondaryRateRetryAfter: 60 },
      ...(isPaced(baseUrl) ? {} : UNPACED),
    },
    // A conflict and a refusal are answers, and are not asked for again.
    retry: { doNotRetry: [400, 401, 403, 404, 405, 409, 422, 429], retries: 2 },
  });
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>> | undefined;
  readonly body: unknown;
}

/** Of what Octokit throws: an answer has headers, a broken connection has none. */
function answerIn(error: unknown): Answered | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const response = 'response' in error ? error.response : undefined;
  if (typeof response !== 'object' || response === null) return { status: error.status, headers: undefined, body: undefined };
  const { headers, data } = response as { readonly headers?: Answered['headers']; readonly data?: unknown };
  return { status: error.status, headers, body: data };
}

interface GivenPullRequest {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly merged_at?: string | null;
  readonly merge_commit_sha: string | null;
  readonly title: string;
  readonly body: string | null;
  /** The repository is null where it was deleted. */
  readonly head: { readonly sha: string; readonly repo: { readonly id: number } | null };
  readonly base: { readonly ref: string; readonly repo: { readonly id: number } };
}

/** While it is open its merge commit is one that GitHub tries by itself. */
function pullRequestOf(given: GivenPullRequest): PullRequest {
  const merged = given.merged_at !== null && given.merged_at !== undefined;
  return {
    ...{ number: given.number, url: given.html_url, title: given.title, body: given.body ?? '', head: given.head.sha },
    into: given.base.ref,
    fork: given.head.repo?.id !== given.base.repo.id,
    state: merged ? 'Merged' : given.state === 'open' ? 'Open' : 'Closed',
    mergeCommit: merged ? (given.merge_commit_sha ?? undefined) : undefined,
    mergedAt: given.merged_at ?? undefined,
  };
}

function statusState(state: string): CommitCheck['state'] {
  return state === 'success' || state === 'pending' ? state : 'failure';
}

function runState(status: string, conclusion: string | null): CommitCheck['state'] {
  if (status !== 'completed') return 'pending';
  return conclusion !== null && ['success', 'neutral', 'skipped'].includes(conclusion) ? 'success' : 'failure';
}
