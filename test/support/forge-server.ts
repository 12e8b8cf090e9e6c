// A forge for tests, Gitea or GitHub, with one face for both: a repository of `owner`, an account of ours, and people who say things.

import type { PullRequestPlace } from '../../controller/changes/forge/forge.ts';
import { giteaPlace, githubPlace } from '../../controller/changes/forge/places.ts';
import { startGitea } from './gitea.ts';
import { type GitHubDouble, startGitHubDouble } from './github/github-double.ts';
import { octokit } from './github/octokit.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface ForgePull {
  readonly number: number;
  readonly title: string;
  readonly head: string;
  readonly author: string;
  readonly state: 'open' | 'closed' | 'merged';
  /** What the branch was at after its merge. */
  readonly mergeCommit: string | null;
}

interface GiteaPull {
  readonly number: number;
  readonly title: string;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly merge_commit_sha: string | null;
  readonly head: { readonly sha: string };
  readonly user: { readonly login: string };
}

export interface ForgeServer extends AsyncDisposable {
  readonly type: PullRequestPlace['type'];
  /** An account of ours that may write. */
  readonly login: string;
  /** What it shows to git and to the API: the keys of a Secret. */
  readonly secretData: Readonly<Record<string, string>>;
  /** Of them what nobody is to be told. */
  readonly secret: string;
  /** With a first commit in `main`; `ann` and `bob` may write there. @returns the URL of its Git */
  repository(name: string): Promise<string>;
  /** With the password of ann. */
  cloneUrl(url: string): Promise<string>;
  place(url: string): Pick<PullRequestPlace, 'apiUrl' | 'owner' | 'name'>;
  pullRequests(name: string): Promise<readonly ForgePull[]>;
  review(name: string, number: number, login: string, verdict: 'approve' | 'reject' | 'comment', body?: string): Promise<void>;
  /** The first one. */
  dismiss(name: string, number: number): Promise<void>;
  comment(name: string, number: number, login: string, body: string): Promise<void>;
  comments(name: string, number: number): Promise<readonly string[]>;
  /** `strict`: a head that is behind is not merged. */
  protect(
    name: string,
    rules: { readonly contexts?: readonly string[]; readonly approvals?: number; readonly strict?: boolean },
  ): Promise<void>;
  status(name: string, commit: string, context: string, state: 'success' | 'failure'): Promise<void>;
  /** Of a commit, by their contexts. */
  statuses(name: string, commit: string): Promise<readonly { readonly context: string; readonly state: string }[]>;
  close(name: string, number: number): Promise<void>;
  /** As somebody does it who is none of ours. @returns what the branch is at then */
  merge(name: string, number: number): Promise<string>;
  /** What was asked or answered otherwise than the forge describes it. */
  violations(): readonly string[];
}

export const BOT = 'streamspace-bot';
const OWNER = 'owner';
const OTHERS = ['ann', 'bob'] as const;

export async function giteaServer(servers: Servers): Promise<ForgeServer> {
  const gitea = await startGitea(servers);
  const at = (name: string, path: string): string => `/repos/${OWNER}/${name}${path}`;
  const ask = async <T>(login: string, method: string, path: string, body?: object): Promise<T> => {
    const answer = await gitea.ask(login, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  };
  const EVENTS = { approve: 'APPROVED', reject: 'REQUEST_CHANGES', comment: 'COMMENT' } as const;
  const secret = await gitea.person(BOT);
  return {
    ...{ type: 'Gitea', login: BOT, secret },
    secretData: { username: BOT, password: secret },
    cloneUrl: async (url) => url.replace('://', `://ann:${await gitea.person('ann')}@`),
    async repository(name) {
      const url = await gitea.repository(OWNER, name);
      for (const login of [BOT, ...OTHERS]) await gitea.collaborator(OWNER, name, login, 'write');
      return url;
    },
    place: (url) => giteaPlace(new URL(url)),
    pullRequests: async (name) =>
      (await ask<readonly GiteaPull[]>(OWNER, 'GET', at(name, '/pulls?state=all'))).map((pull) => ({
        ...{ number: pull.number, title: pull.title, head: pull.head.sha, author: pull.user.login },
        ...{ state: pull.merged ? 'merged' : pull.state, mergeCommit: pull.merge_commit_sha },
      })),
    review: (name, number, login, verdict, body = '') =>
      ask(login, 'POST', at(name, `/pulls/${number}/reviews`), { event: EVENTS[verdict], body }),
    async dismiss(name, number) {
      const [first] = await ask<readonly { id: number }[]>(OWNER, 'GET', at(name, `/pulls/${number}/reviews`));
      await ask(OWNER, 'POST', at(name, `/pulls/${number}/reviews/${first?.id}/dismissals`), { message: 'no' });
    },
    comment: (name, number, login, body) => ask(login, 'POST', at(name, `/issues/${number}/comments`), { body }),
    comments: async (name, number) =>
      (await ask<readonly { body: string }[]>(OWNER, 'GET', at(name, `/issues/${number}/comments`))).map(({ body }) => body),
    protect: (name, { contexts = [], approvals = 0, strict = false }) =>
      ask(OWNER, 'POST', at(name, '/branch_protections'), {
        ...{ rule_name: 'main', enable_status_check: contexts.length > 0, status_check_contexts: contexts },
        ...{ required_approvals: approvals, block_on_outdated_branch: strict },
      }),
    status: (name, commit, context, state) => ask(OWNER, 'POST', at(name, `/statuses/${commit}`), { context, state }),
    statuses: async (name, commit) =>
      (
        await ask<{ statuses: readonly { context: string; status: string }[] }>(
          OWNER,
          'GET',
          at(name, `/commits/${commit}/status`),
        )
      ).statuses.map(({ context, status }) => ({ context, state: status })),
    close: (name, number) => ask(OWNER, 'PATCH', at(name, `/pulls/${number}`), { state: 'closed' }),
    async merge(name, number) {
      // Gitea looks whether it goes together, and refuses until it has.
      await eventually(
        'it can be merged',
        async () => (await ask<{ mergeable: boolean }>(OWNER, 'GET', at(name, `/pulls/${number}`))).mergeable,
      );
      await ask(OWNER, 'POST', at(name, `/pulls/${number}/merge`), { do: 'merge' });
      return (await ask<{ merge_commit_sha: string }>(OWNER, 'GET', at(name, `/pulls/${number}`))).merge_commit_sha;
    },
    violations: () => [],
    [Symbol.asyncDispose]: () => gitea[Symbol.asyncDispose](),
  };
}

/** The double itself, for faults. */
type GitHubServer = ForgeServer & { readonly double: GitHubDouble };

export async function githubServer(): Promise<GitHubServer> {
  const github = await startGitHubDouble();
  const secret = github.user(BOT);
  return githubFace(github, { login: BOT, secret, secretData: { username: BOT, password: secret } });
}

/** Where we are an App. */
export async function githubAppServer(): Promise<GitHubServer> {
  const github = await startGitHubDouble();
  const { login, id, installationId, privateKey } = github.app('streamspace');
  const secretData = {
    ...{ githubAppId: String(id), githubAppInstallationId: String(installationId), githubAppPrivateKey: privateKey },
    githubApiUrl: github.apiUrl,
  };
  return githubFace(github, { login, secret: privateKey, secretData });
}

function githubFace(github: GitHubDouble, ours: Pick<ForgeServer, 'login' | 'secretData' | 'secret'>): GitHubServer {
  const at = (name: string) => github.repository(OWNER, name);
  const VERDICTS = { approve: 'approve', reject: 'requestChanges', comment: 'comment' } as const;
  const reviews = new Map<string, number>();
  const client = octokit(github, github.user(OWNER));
  return {
    ...{ type: 'GitHub', double: github, ...ours },
    cloneUrl: async (url) => url.replace('://', `://ann:${github.user('ann')}@`),
    async repository(name) {
      const repository = await at(name);
      await repository.push('main', { 'README.md': 'A repository.\n' });
      for (const login of [ours.login, ...OTHERS]) repository.collaborator(login, 'write');
      return repository.gitUrl;
    },
    place: (url) => ({ ...githubPlace(new URL(url)), apiUrl: github.apiUrl }),
    pullRequests: async (name) =>
      (await (await at(name)).pullRequests()).map(({ number, title, headSha, author, merged, state, mergeCommitSha }) => ({
        ...{ number, title, head: headSha, author },
        ...{ state: merged ? 'merged' : state, mergeCommit: mergeCommitSha },
      })),
    async review(name, number, login, verdict, body) {
      const id = await (await at(name)).review(number, login, VERDICTS[verdict], body);
      if (!reviews.has(`${name} ${number}`)) reviews.set(`${name} ${number}`, id);
    },
    dismiss: async (name, number) => (await at(name)).dismissReview(number, reviews.get(`${name} ${number}`) ?? 0, OWNER),
    comment: async (name, number, login, body) => void (await (await at(name)).comment(number, login, body)),
    comments: async (name, number) => (await at(name)).comments(number).map(({ body }) => body),
    protect: async (name, { contexts = [], approvals = 0, strict = false }) =>
      (await at(name)).protect('main', { requiredContexts: [...contexts], requiredApprovals: approvals, strict }),
    status: async (name, commit, context, state) => (await at(name)).status(commit, context, state, OWNER),
    statuses: async (name, ref) =>
      (await client.repos.getCombinedStatusForRef({ owner: OWNER, repo: name, ref })).data.statuses.map(({ context, state }) => ({
        ...{ context, state },
      })),
    close: async (name, number) => (await at(name)).close(number, OWNER),
    merge: async (name, number) => await (await at(name)).merge(number, OWNER),
    violations: () => github.violations,
    [Symbol.asyncDispose]: () => github[Symbol.asyncDispose](),
  };
}

/** As it stands in a Secret. */
export function encodedData(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}
