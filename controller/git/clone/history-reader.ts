// Commits and trees of a clone, for whoever walks its history.
import type { HistoryReader } from './blame.ts';
import { parseCommit, parseTree } from './git-objects.ts';
import type { ObjectReader } from './object-reader.ts';
import { MAX_COMMIT_BYTES, MAX_TREE_BYTES } from './tree.ts';

export function historyReader(objects: Pick<ObjectReader, 'read'>): HistoryReader {
  return {
    async commit(oid) {
      const object = await objects.read(oid, MAX_COMMIT_BYTES);
      return object?.type === 'commit' ? parseCommit(object.bytes) : undefined;
    },
    // A path that is a file at this commit and a folder at another has no entries there.
    async tree(oid) {
      const object = await objects.read(oid, MAX_TREE_BYTES);
      return object?.type === 'tree' ? parseTree(object.bytes) : [];
    },
  };
}
