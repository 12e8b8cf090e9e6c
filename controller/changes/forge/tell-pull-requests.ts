// What we say of pull requests at a forge: one comment of ours for each GitSync, changed in place, and a status of the commit.
import type { ForgeAt, PullRequestPlace, PullRequests } from './forge.ts';
import type { ForgeRepository, PullRequestApi } from './pull-request-api.ts';

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

    async comment(at, number, mark, texts, signal) {
      const [api, repository] = asked(at, signal);
      const login = await api.login(repository);
      const begin = `<!-- streamspace:plan ${mark} `;
      // Ours by its mark and by its author: anybody may write the mark.
      const own = (await api.comments(repository, number))
        .filter((each) => each.login === login && each.body.startsWith(begin))
        .toSorted((a, b) => a.id - b.id);
      for (const [index, text] of texts.entries()) {
        const body = `${begin}${index + 1} -->\n${text}`;
        const standing = own[index];
        if (standing === undefined) await api.createComment(repository, number, body);
        else if (!sameText(standing.body, body)) await api.editComment(repository, standing.id, body);
      }
      for (const left of own.slice(texts.length)) await api.deleteComment(repository, left.id);
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

/** Forges keep a text with other line ends, or without the last one. */
function sameText(left: string, right: string): boolean {
  const plain = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();
  return plain(left) === plain(right);
}
