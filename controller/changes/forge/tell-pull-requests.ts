// What we say of pull requests at a forge: one comment of ours for each GitSync, changed in place, and a status of the commit.
import { parseCommitSha } from '../../git/commit-sha.ts';
import { asksForPlan } from '../comment/plan-command.ts';
import { beginOf, readComment, type StandingComment, sameText, writeComment } from '../comment/standing-comment.ts';
import type { ForgeAt, PlanCommand, PullRequestPlace, PullRequests } from './forge.ts';
import type { ForgeRepository, PullRequestApi, PullRequestComment } from './pull-request-api.ts';

/** @param apiOf the api of the forge there */
export function createPullRequests(apiOf: (place: PullRequestPlace) => PullRequestApi): PullRequests {
  const asked = (at: ForgeAt, signal: AbortSignal): readonly [PullRequestApi, ForgeRepository] => [
    apiOf(at.place),
    { ...at, signal },
  ];
  return {
    async get(at, named, signal) {
      const [api, repository] = asked(at, signal);
      const found = await api.get(repository, named);
      if (found === undefined) return undefined;
      const { number, head, fork, state, into } = found;
      return { number, head, fork, state, into };
    },

    async list(at, into, signal) {
      const [api, repository] = asked(at, signal);
      return (await api.list(repository, into)).map(({ number, head, fork }) => ({ number, head, fork }));
    },

    async merged(at, into, since, signal) {
      const [api, repository] = asked(at, signal);
      return (await api.closed(repository, into)).flatMap(({ number, state, mergeCommit, mergedAt = '' }) =>
        state === 'Merged' && mergeCommit !== undefined && Date.parse(mergedAt) >= since.getTime()
          ? [{ number, mergeCommit: parseCommitSha(mergeCommit), mergedAt: new Date(mergedAt) }]
          : [],
      );
    },

    async commands(at, mark, since, signal) {
      const [api, repository] = asked(at, signal);
      const last = new Map<string, PlanCommand>();
      for (const { number, id, login, body } of await api.recentComments(repository, since)) {
        const by = `${number} ${login}`;
        if (asksForPlan(body, mark) && id > (last.get(by)?.id ?? 0)) last.set(by, { number, id, login });
      }
      return [...last.values()];
    },

    async comment(at, number, mark, texts, signal) {
      const [api, repository] = asked(at, signal);
      const own = await ownComments(api, repository, number, mark);
      const before = own[0] && readComment(own[0].body, mark);
      for (const [index, text] of texts.entries()) {
        const fresh = { mark, page: index + 1, memory: {}, note: '', text };
        // What is remembered stays; a note is about the plan that it stands in front of.
        const note = before !== undefined && sameText(before.text, text) ? before.note : '';
        const wanted = index === 0 && before !== undefined ? { ...before, ...fresh, memory: before.memory, note } : fresh;
        await write(api, repository, number, own[index], wanted);
      }
      for (const left of own.slice(texts.length)) await api.deleteComment(repository, left.id);
    },

    async note(at, number, mark, decide, signal) {
      const [api, repository] = asked(at, signal);
      const [first] = await ownComments(api, repository, number, mark);
      const before = first && readComment(first.body, mark);
      const note = await decide(before?.memory);
      if (note === undefined) return;
      const memory = { ...before?.memory, ...note.memory };
      await write(api, repository, number, first, { text: '', ...before, mark, page: 1, memory, note: note.text });
    },

    async reviews(at, number, mark, text, signal) {
      const [api, repository] = asked(at, signal);
      const [first] = await ownComments(api, repository, number, mark);
      const before = first && readComment(first.body, mark);
      if (sameText(before?.reviews ?? '', text)) return;
      const memory = { ...before?.memory, reviews: 'yes' };
      await write(api, repository, number, first, { text: '', note: '', ...before, mark, page: 1, memory, reviews: text });
    },

    async setStatus(at, commit, status, signal) {
      const [api, repository] = asked(at, signal);
      const standing = (await api.checks(repository, commit)).find(({ context }) => context === status.context);
      // Planned again, as after a restart, it keeps what it says until there is something else to say.
      if (standing !== undefined && status.state === 'pending') return;
      if (standing?.state === status.state && standing.description === status.description) return;
      await api.setStatus(repository, commit, status);
    },
  };
}

/** Ours by their mark and by their author: anybody may write the mark. The oldest first. */
async function ownComments(
  api: PullRequestApi,
  repository: ForgeRepository,
  number: number,
  mark: string,
): Promise<readonly PullRequestComment[]> {
  const login = await api.login(repository);
  return (await api.comments(repository, number))
    .filter((each) => each.login === login && each.body.startsWith(beginOf(mark)))
    .toSorted((a, b) => a.id - b.id);
}

async function write(
  api: PullRequestApi,
  repository: ForgeRepository,
  number: number,
  standing: PullRequestComment | undefined,
  wanted: StandingComment,
): Promise<void> {
  const body = writeComment(wanted);
  if (standing === undefined) await api.createComment(repository, number, body);
  else if (!sameText(standing.body, body)) await api.editComment(repository, standing.id, body);
}
