// The file tree at a revision, as values: nothing is ever checked out, and a partial read is a failure, never a smaller tree.
import { StreamSpaceError } from '../../schemas/errors.ts';

export interface Snapshot {
  /** The folder that is rendered, relative to the root of the repository; `''` is the root. */
  readonly path: string;
  /** Keyed by the path from the root of the repository, in code-unit order. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Changes exactly when a path or a byte below `path` does: the id of the Git tree, or a hash of the folder. */
  readonly treeId: string;
}

export interface SnapshotLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxBytes: number;
}

export const SNAPSHOT_LIMITS: SnapshotLimits = { maxFiles: 20_000, maxFileBytes: 10_000_000, maxBytes: 100_000_000 };

/** Collects the files of a snapshot and refuses what goes beyond the limits, naming the file. */
export class SnapshotBuilder {
  readonly #limits: SnapshotLimits;
  readonly #files: [string, Uint8Array][] = [];
  #expected = 0;
  #bytes = 0;

  constructor(limits: SnapshotLimits = SNAPSHOT_LIMITS) {
    this.#limits = limits;
  }

  /** Counts a file before it is read. @throws GitSnapshotTooLarge */
  expect(path: string): void {
    this.#expected += 1;
    if (this.#expected > this.#limits.maxFiles)
      throw new StreamSpaceError('GitSnapshotTooLarge', `more than ${this.#limits.maxFiles} files; ${path} is one too many`, {
        position: { file: path },
      });
  }

  /** @throws FileTooLarge, GitSnapshotTooLarge, GitLfsPointer */
  add(path: string, bytes: Uint8Array): void {
    if (bytes.length > this.#limits.maxFileBytes)
      throw new StreamSpaceError('FileTooLarge', `${bytes.length} bytes, at most ${this.#limits.maxFileBytes} are read`, {
        position: { file: path },
      });
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limits.maxBytes)
      throw new StreamSpaceError('GitSnapshotTooLarge', `all files together have more than ${this.#limits.maxBytes} bytes`, {
        position: { file: path },
      });
    if (isLfsPointer(bytes))
      throw new StreamSpaceError('GitLfsPointer', 'the file is in Git LFS: only its pointer is in the repository', {
        position: { file: path },
      });
    this.#files.push([path, bytes]);
  }

  /** @throws GitReadIncomplete when a file that was counted did not come */
  finish(path: string, treeId: string): Snapshot {
    if (this.#files.length !== this.#expected)
      throw new StreamSpaceError('GitReadIncomplete', `read ${this.#files.length} of ${this.#expected} files`);
    this.#files.sort(([a], [b]) => (a < b ? -1 : 1));
    return { path, files: new Map(this.#files), treeId };
  }
}

export function refuseSymlink(path: string): never {
  throw new StreamSpaceError('GitSymlink', 'a symbolic link; links are not followed', { position: { file: path } });
}

export function refuseSubmodule(path: string): never {
  throw new StreamSpaceError('GitSubmodule', 'a submodule; submodules are not fetched', { position: { file: path } });
}

/** `a/b` of `./a//b/`. @throws GitPathNotFound for a path that leaves the repository */
export function normalizePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new StreamSpaceError('GitPathNotFound', `the path "${path}" leaves the repository`);
  return parts.join('/');
}

const LFS_HEAD = Buffer.from('version https://git-lfs.github.com/spec/');

function isLfsPointer(bytes: Uint8Array): boolean {
  return (
    bytes.length < 1024 && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(0, LFS_HEAD.length).equals(LFS_HEAD)
  );
}
