// For tests: a repository in memory.
import { createHash } from 'node:crypto';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Snapshot, SnapshotBuilder } from '../git/snapshot.ts';
import type { SourceTree } from '../git/source-tree.ts';

/** Files by path; what is changed in the map later is another revision. */
export function memoryTree(files: ReadonlyMap<string, string> | Readonly<Record<string, string>>): SourceTree {
  const entries = () => (files instanceof Map ? [...files] : Object.entries(files)) as readonly (readonly [string, string])[];
  const below = (folder: string) => entries().filter(([file]) => folder === '' || file.startsWith(`${folder}/`));
  const text = (path: string) => entries().find(([file]) => file === path)?.[1];
  const idOf = (parts: readonly (readonly string[])[]): string =>
    createHash('sha256').update(JSON.stringify(parts.toSorted())).digest('hex').slice(0, 40);
  return {
    idAt: async (path) => {
      const content = text(path);
      if (content !== undefined) return idOf([[content]]);
      const parts = below(path);
      return parts.length === 0 ? undefined : idOf(parts);
    },
    file: async (path) => {
      const content = text(path);
      return content === undefined ? undefined : Buffer.from(content);
    },
    snapshot: async (folder): Promise<Snapshot> => {
      const path = folder
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .join('/');
      const found = below(path);
      if (found.length === 0 && path !== '') throw new StreamSpaceError('GitPathNotFound', `there is no folder ${path}`);
      const builder = new SnapshotBuilder();
      for (const [file, content] of found) {
        builder.expect(file);
        builder.add(file, Buffer.from(content));
      }
      return builder.finish(path, idOf(found));
    },
  };
}
