// Gitea's REST API (/api/v1, swagger of Gitea 1.26), which Forgejo speaks, too.
import * as z from 'zod';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { GitTransport } from '../../git/wire/http.ts';
import { ForgeHttp, numberIn, parsedAs } from './forge-http.ts';
import type { CommitCheck, ForgeRepository, PullRequest, PullRequestApi, PullRequestReview } from './pull-request-api.ts';

const user = z.object({ login: z.string() });
const pullRequest = z.object({
  number: z.int(),
  html_url: z.string(),
  state: z.string(),
  merged: z.boolean().default(false),
  merge_commit_sha: z.string().nullish(),
  merged_at: z.string().nullish(),
  title: z.string(),
  body: z.string().nullish(),
  user: user.nullish(),
  head: z.object({ sha: z.string(), repo_id: z.int().nullish() }),
  base: z.object({ ref: z.string(), repo_id: z.int().nullish() }),
});
const review = z.object({
  user: user.nullish(),
  state: z.string(),
  body: z.string().nullish(),
  commit_id: z.string(),
  dismissed: z.boolean().default(false),
  submitted_at: z.string(),
});
const comment = z.object({ id: z.int(), user: user.nullish(), body: z.string().nullish() });
/** The URL of a pull request stands in one of both, the other is empty. */
const recentComment = comment.extend({ issue_url: z.string().nullish(), pull_request_url: z.string().nullish() });
const status = z.object({ context: z.string(), status: z.string(), description: z.string().nullish() });
const branch = z.object({
  enable_status_check: z.boolean().default(false),
  status_check_contexts: z.array(z.string()).nullish(),
});

const PAGE = 50;
/** Beyond it nobody reads a discussion, and no machine should. */
const MAX_PAGES = 40;
/** While it works out whether a pull request goes together, which it does after each push, Gitea refuses to merge it. */
const CHECKING = /try again later/i;
const MERGE_TRIES = 20;
/** `block_on_outdated_branch` of a protected branch; said in words alone (services/pull/check.go). */
const BEHIND = /head branch is behind/i;
const MERGE_AGAIN_MS = 250;
const MERGE = { Merge: 'merge', Squash: 'squash', Rebase: 'rebase' } as const;

export function createGiteaApi(transport: Pick<GitTransport, 'dispatcher' | 'token'>): PullRequestApi {
  const http = new ForgeHttp(transport, 'token');

  async function allOf<T>(at: ForgeRepository, path: string, schema: z.ZodType<T>): Promise<readonly T[]> {
    const all: T[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const { body } = await http.ask(at, { method: 'GET', path: `${repositoryPath(at)}${path}?page=${page}&limit=${PAGE}` });
      const items = parsedAs(z.array(schema), at, body ?? []);
      all.push(...items);
      if (items.length < PAGE) break;
    }
    return all;
  }

  async function byNumber(at: ForgeRepository, number: number): Promise<PullRequest> {
    const { body } = await http.ask(at, { method: 'GET', path: `${repositoryPath(at)}/pulls/${number}` });
    return pullRequestOf(parsedAs(pullRequest, at, body));
  }

  return {
    async login(at) {
      const { body } = await http.ask(at, { method: 'GET', path: '/user' });
      return parsedAs(user, at, body).login;
    },

    async find(at, head, into) {
      const path = `${repositoryPath(at)}/pulls/${encodeURIComponent(into)}/${encodePath(head)}`;
      const { status: code, body } = await http.ask(at, { method: 'GET', path, expected: [404] });
      return code === 404 ? undefined : pullRequestOf(parsedAs(pullRequest, at, body));
    },

    async get(at, number) {
      const path = `${repositoryPath(at)}/pulls/${number}`;
      const { status: code, body } = await http.ask(at, { method: 'GET', path, expected: [404] });
      return code === 404 ? undefined : pullRequestOf(parsedAs(pullRequest, at, body));
    },

    async list(at, into) {
      const path = `${repositoryPath(at)}/pulls?state=open&sort=oldest&base_branch=${encodeURIComponent(into)}`;
      const pages = await Promise.all(
        [1, 2].map(async (page) => {
          const { body } = await http.ask(at, { method: 'GET', path: `${path}&page=${page}&limit=${PAGE}` });
          return parsedAs(z.array(pullRequest), at, body ?? []);
        }),
      );
      // A server from before the filter gives those of all branches.
      return pages
        .flat()
        .filter(({ base }) => base.ref === into)
        .map(pullRequestOf);
    },

    async closed(at, into) {
      const path = `${repositoryPath(at)}/pulls?state=closed&sort=recentupdate&base_branch=${encodeURIComponent(into)}`;
      const { body } = await http.ask(at, { method: 'GET', path: `${path}&page=1&limit=${PAGE}` });
      return parsedAs(z.array(pullRequest), at, body ?? [])
        .filter(({ base }) => base.ref === into)
        .map(pullRequestOf);
    },

    async recentComments(at, since) {
      const path = `${repositoryPath(at)}/issues/comments?since=${encodeURIComponent(since.toISOString())}`;
      const pages = await Promise.all(
        [1, 2].map(async (page) => {
          const { body } = await http.ask(at, { method: 'GET', path: `${path}&page=${page}&limit=${PAGE}` });
          return parsedAs(z.array(recentComment), at, body ?? []);
        }),
      );
      return pages.flat().map(({ id, user: by, body, issue_url: issue, pull_request_url: pull }) => ({
        ...{ id, login: by?.login ?? '', body: body ?? '', number: numberIn(pull ?? '') || numberIn(issue ?? '') },
      }));
    },

    async open(at, { branch: head, into: base, title, body: words }) {
      const { status: code, body } = await http.ask(at, {
        method: 'POST',
        path: `${repositoryPath(at)}/pulls`,
        body: { head, base, title, body: words },
        expected: [409],
      });
      return code === 409 ? { refused: messageOf(body) } : pullRequestOf(parsedAs(pullRequest, at, body));
    },

    async edit(at, number, change) {
      await http.ask(at, { method: 'PATCH', path: `${repositoryPath(at)}/pulls/${number}`, body: change });
    },

    async close(at, number) {
      await http.ask(at, { method: 'PATCH', path: `${repositoryPath(at)}/pulls/${number}`, body: { state: 'closed' } });
    },

    async reviews(at, number) {
      return (await allOf(at, `/pulls/${number}/reviews`, review)).flatMap(reviewOf);
    },

    async comments(at, number) {
      // All at once: this list has no pages.
      const { body } = await http.ask(at, { method: 'GET', path: `${repositoryPath(at)}/issues/${number}/comments` });
      return parsedAs(z.array(comment), at, body ?? []).map(({ id, user: by, body: text }) => ({
        ...{ id, login: by?.login ?? '', body: text ?? '' },
      }));
    },

    async createComment(at, number, body) {
      await http.ask(at, { method: 'POST', path: `${repositoryPath(at)}/issues/${number}/comments`, body: { body } });
    },

    async editComment(at, id, body) {
      await http.ask(at, { method: 'PATCH', path: `${repositoryPath(at)}/issues/comments/${id}`, body: { body } });
    },

    async deleteComment(at, id) {
      await http.ask(at, { method: 'DELETE', path: `${repositoryPath(at)}/issues/comments/${id}`, expected: [404] });
    },

    async setStatus(at, commit, { context, state, description, url }) {
      await http.ask(at, {
        method: 'POST',
        path: `${repositoryPath(at)}/statuses/${commit}`,
        body: { context, state, description, ...(url === undefined ? {} : { target_url: url }) },
      });
    },

    async checks(at, commit) {
      const { body } = await http.ask(at, { method: 'GET', path: `${repositoryPath(at)}/commits/${commit}/status` });
      const { statuses } = parsedAs(z.object({ statuses: z.array(status).nullish() }), at, body);
      return (statuses ?? []).map(({ context, status: state, description }) => ({
        ...{ context, state: checkState(state), description: description ?? '' },
      }));
    },

    async requiredContexts(at, into) {
      const path = `${repositoryPath(at)}/branches/${encodePath(into)}`;
      const { body } = await http.ask(at, { method: 'GET', path });
      const { enable_status_check: asks, status_check_contexts: contexts } = parsedAs(branch, at, body);
      return asks ? (contexts ?? []) : [];
    },

    async merge(at, number, { head, title, message }) {
      const asked = {
        ...{ do: MERGE[at.place.mergeMethod], head_commit_id: head },
        ...{ merge_title_field: title, merge_message_field: message },
      };
      for (let tries = 1; ; tries += 1) {
        const path = `${repositoryPath(at)}/pulls/${number}/merge`;
        const { status: code, body } = await http.ask(at, { method: 'POST', path, body: asked, expected: [405, 409] });
        if (code === 409) return { kind: 'moved' };
        const after = await byNumber(at, number);
        if (after.state === 'Merged' && after.mergeCommit !== undefined) return { kind: 'merged', commit: after.mergeCommit };
        if (after.state === 'Open' && BEHIND.test(messageOf(body))) return { kind: 'behind' };
        if (after.state !== 'Open' || tries === MERGE_TRIES || !CHECKING.test(messageOf(body)))
          return { kind: 'refused', message: messageOf(body) };
        await delay(MERGE_AGAIN_MS, at.signal);
      }
    },
  };
}

function repositoryPath({ place: { owner, name } }: ForgeRepository): string {
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

/** A branch in a path keeps its slashes. */
function encodePath(ref: string): string {
  return ref.split('/').map(encodeURIComponent).join('/');
}

function pullRequestOf(given: z.infer<typeof pullRequest>): PullRequest {
  const { number, html_url: url, title, body, head, base, merged, merge_commit_sha: mergeCommit } = given;
  return {
    ...{ number, url, title, body: body ?? '', head: head.sha, into: base.ref },
    fork: head.repo_id !== base.repo_id,
    state: merged ? 'Merged' : given.state === 'open' ? 'Open' : 'Closed',
    mergeCommit: merged ? (mergeCommit ?? undefined) : undefined,
    mergedAt: merged ? (given.merged_at ?? undefined) : undefined,
  };
}

const VERDICTS: Readonly<Record<string, PullRequestReview['verdict']>> = { APPROVED: 'Approve', REQUEST_CHANGES: 'Reject' };

/** One that is still being written, or is asked for, is none. */
function reviewOf({
  user: by,
  state,
  body,
  commit_id,
  dismissed,
  submitted_at,
}: z.infer<typeof review>): readonly PullRequestReview[] {
  if (by?.login === undefined || state === 'PENDING' || state === 'REQUEST_REVIEW') return [];
  const verdict = VERDICTS[state] ?? 'Other';
  return [{ login: by.login, verdict, commit: commit_id, at: submitted_at, body: body ?? '', dismissed }];
}

function checkState(state: string): CommitCheck['state'] {
  if (state === 'success' || state === 'warning' || state === 'skipped') return 'success';
  return state === 'pending' ? 'pending' : 'failure';
}

function messageOf(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' && message !== '' ? message : 'it does not say why';
}
