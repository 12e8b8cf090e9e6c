// A repository at one revision, as whoever renders it sees it: read on demand, each part with an id of its content.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Snapshot } from './snapshot.ts';

export interface SourceTree {
  /**
   * Changes exactly when a byte at or below the path does; `undefined` where nothing is. `''` is the root.
   * @throws GitSymlink, GitSubmodule for what stands on the way
   */
  idAt(path: string): Promise<string | undefined>;
  /** Everything below a folder. @throws GitPathNotFound, and what the limits of a snapshot refuse */
  snapshot(folder: string): Promise<Snapshot>;
  /** The bytes of one file; `undefined` where there is no file. @throws GitSymlink, GitSubmodule, FileTooLarge, GitLfsPointer */
  file(path: string): Promise<Uint8Array | undefined>;
}

/** What was read, by path, with the id that it had: while these ids stay, so does whatever was made of it. */
export type Reads = ReadonlyMap<string, string | undefined>;

/** Passes every question on and remembers it. */
export class RecordedTree implements SourceTree {
  readonly reads = new Map<string, string | undefined>();
  readonly #tree: SourceTree;

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  async idAt(path: string): Promise<string | undefined> {
    const found = await idOrRefusal(this.#tree, path);
    this.reads.set(path, found instanceof StreamSpaceError ? found.code : found);
    if (found instanceof StreamSpaceError) throw found;
    return found;
  }

  async snapshot(folder: string): Promise<Snapshot> {
    await this.idAt(folder);
    return await this.#tree.snapshot(folder);
  }

  async file(path: string): Promise<Uint8Array | undefined> {
    await this.idAt(path);
    return await this.#tree.file(path);
  }
}

export async function stillThere(tree: SourceTree, reads: Reads): Promise<boolean> {
  for (const [path, id] of reads) {
    const found = await idOrRefusal(tree, path);
    if ((found instanceof StreamSpaceError ? found.code : found) !== id) return false;
  }
  return true;
}

/** A link on the way is an answer too, and stays one until it is gone. @throws what is no answer about the path */
async function idOrRefusal(tree: SourceTree, path: string): Promise<string | undefined | StreamSpaceError> {
  try {
    return await tree.idAt(path);
  } catch (error) {
    if (error instanceof StreamSpaceError && error.entry.category === 'invalid') return error;
    throw error;
  }
}
