// Any remote without pull requests: people review in our own page, and the controller merges, by a fast-forward where the branch has
// not moved, else by a merge commit. Each push says what the branch has to be, so a moved one is never overwritten.
import { writeCommit } from '../../git/clone/write-commit.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { GitSource } from '../../git/source.ts';
import type { GitTransport } from '../../git/wire/http.ts';
import { push, type RefUpdate } from '../../git/wire/push.ts';
import type { Forge, ForgeRequest } from './forge.ts';

export interface PlainGitPorts {
  readonly git: Pick<GitSource, 'listRefs' | 'inClone'>;
  readonly transport: GitTransport;
}

const headOf = (branch: string): string => `refs/heads/${branch}`;

export function createPlainGitForge({ git, transport }: PlainGitPorts): Forge {
  const update = async (request: ForgeRequest, change: RefUpdate, signal: AbortSignal): Promise<void> => {
    const { repository, credentials } = request;
    const target = { url: repository.url, credentials };
    await git.inClone(repository, (clone) => push({ target, clone, transport, update: change }, signal));
  };
  const branchNow = async ({ repository, branch }: ForgeRequest, signal: AbortSignal): Promise<CommitSha | undefined> => {
    const refs = await git.listRefs(repository, [headOf(branch)], signal);
    const found = refs.find(({ name }) => name === headOf(branch));
    return found === undefined ? undefined : parseCommitSha(found.oid);
  };

  return {
    async ensureBranch(request, commit, signal) {
      const from = await branchNow(request, signal);
      if (from !== commit) await update(request, { ref: headOf(request.branch), from, to: commit }, signal);
    },
    openRequest: async () => ({ state: 'Open' }),
    findRequest: async (request, signal) => ((await branchNow(request, signal)) === undefined ? undefined : { state: 'Open' }),
    reviews: async () => [],
    checks: async () => ({ state: 'passed', message: '' }),
    async merge(request, { commit, tip, files, ...wish }, signal) {
      const { repository, into } = request;
      const isOnTip = await git.inClone(repository, async (clone) => (await clone.parentsOf(commit)).includes(tip));
      const to = isOnTip
        ? commit
        : await git.inClone(repository, (clone) =>
            writeCommit(clone, { parent: tip, merges: commit, files, author: wish.committer, ...wish }, signal),
          );
      await update(request, { ref: headOf(into), from: tip, to }, signal);
      return to;
    },
    async close(request, signal) {
      const from = await branchNow(request, signal);
      if (from !== undefined) await update(request, { ref: headOf(request.branch), from, to: undefined }, signal);
    },
  };
}
