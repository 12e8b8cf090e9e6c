// Commits and trees of a clone, for whoever walks its history.
import fs from 'node:fs';
import git from 'isomorphic-git';
import type { HistoryReader } from './blame.ts';
import { factsOf } from './commit-sha.ts';

export function historyReader({ gitdir, cache }: { readonly gitdir: string; readonly cache: object }): HistoryReader {
  return {
    async commit(oid) {
      try {
        const { commit } = await git.readCommit({ fs, gitdir, cache, oid });
        return { tree: commit.tree, parents: commit.parent, facts: factsOf(commit) };
      } catch (error) {
        if (error instanceof git.Errors.NotFoundError) return undefined;
        throw error;
      }
    },
    // A path that is a file at this commit and a folder at another has no entries there.
    async tree(oid) {
      try {
        return (await git.readTree({ fs, gitdir, cache, oid })).tree;
      } catch (error) {
        if (error instanceof git.Errors.ObjectTypeError) return [];
        throw error;
      }
    },
  };
}
