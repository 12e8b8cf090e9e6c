// A repository at a revision with some files changed: what it will be, for whoever renders and validates it before there is a commit.
import { createHash } from 'node:crypto';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { normalizePath, type Snapshot } from '../git/snapshot.ts';
import type { SourceTree } from '../git/source-tree.ts';

/** By path; `undefined`: the file is taken away. */
export type ChangedFiles = ReadonlyMap<string, Uint8Array | undefined>;

export class OverlayTree implements SourceTree {
  readonly #base: SourceTree;
  readonly #files: ChangedFiles;

  constructor(base: SourceTree, files: ChangedFiles) {
    this.#base = base;
    this.#files = files;
  }

  async idAt(path: string): Promise<string | undefined> {
    const before = await this.#base.idAt(path);
    const below = this.#below(normalizePath(path));
    if (below.length === 0) return before;
    const [only] = below;
    if (only !== undefined && only[0] === normalizePath(path) && only[1] === undefined) return undefined;
    const hash = createHash('sha256').update(before ?? '');
    for (const [name, bytes] of below) hash.update(`\0${name}\0${bytes === undefined ? '-' : '+'}`).update(bytes ?? '');
    return hash.digest('hex').slice(0, 40);
  }

  async snapshot(folder: string): Promise<Snapshot> {
    const below = this.#below(normalizePath(folder));
    const before = await this.#base.snapshot(folder).catch((error: unknown) => {
      const isNew =
        error instanceof StreamSpaceError && error.code === 'GitPathNotFound' && below.some(([, bytes]) => bytes !== undefined);
      if (!isNew) throw error;
      return { path: normalizePath(folder), files: new Map<string, Uint8Array>(), treeId: '' };
    });
    if (below.length === 0) return before;
    const files = new Map(before.files);
    for (const [name, bytes] of below) {
      if (bytes === undefined) files.delete(name);
      else files.set(name, bytes);
    }
    const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { path: before.path, files: new Map(sorted), treeId: (await this.idAt(folder)) ?? '' };
  }

  async file(path: string): Promise<Uint8Array | undefined> {
    const name = normalizePath(path);
    return this.#files.has(name) ? this.#files.get(name) : await this.#base.file(path);
  }

  #below(path: string): readonly (readonly [string, Uint8Array | undefined])[] {
    return [...this.#files]
      .filter(([name]) => path === '' || name === path || name.startsWith(`${path}/`))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  }
}
