// Reads a tree from the object database of a clone, by mode: links and submodules are refused, never followed.
import fs from 'node:fs';
import git, { type TreeEntry } from 'isomorphic-git';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { CommitSha } from './commit-sha.ts';
import { normalizePath, refuseSubmodule, refuseSymlink, type Snapshot, SnapshotBuilder } from './snapshot.ts';

/** Blobs by id, so that a commit that touches one file reads one file, and gives the same bytes object for the others. */
export class BlobCache {
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  get(oid: string): Uint8Array | undefined {
    const bytes = this.#blobs.get(oid);
    if (bytes !== undefined) {
      this.#blobs.delete(oid);
      this.#blobs.set(oid, bytes); // the most recently used stands last
    }
    return bytes;
  }

  set(oid: string, bytes: Uint8Array): void {
    this.#blobs.set(oid, bytes);
    this.#bytes += bytes.length;
    for (const [old, dropped] of this.#blobs) {
      if (this.#bytes <= this.#maxBytes || old === oid) break;
      this.#blobs.delete(old);
      this.#bytes -= dropped.length;
    }
  }
}

export interface ReadOptions {
  readonly gitdir: string;
  readonly cache: object;
  readonly blobs: BlobCache;
  readonly sha: CommitSha;
  readonly signal: AbortSignal;
  /** Trees by id, for as long as somebody looks at one revision. */
  readonly trees?: Map<string, TreeEntry[]>;
}

/** @throws GitPathNotFound, GitSymlink, GitSubmodule, GitLfsPointer, GitSnapshotTooLarge, FileTooLarge, GitReadIncomplete */
export async function readSnapshot(options: ReadOptions, below: string): Promise<Snapshot> {
  const folder = normalizePath(below);
  const builder = new SnapshotBuilder();
  const treeId = await findTree(options, folder);
  const blobs = await listBlobs(options, treeId, folder, builder);
  for (const { path, oid } of blobs) {
    options.signal.throwIfAborted();
    builder.add(path, await readBlob(options, path, oid));
  }
  return builder.finish(folder, treeId);
}

/** What stands at a path. @throws GitSymlink, GitSubmodule, GitReadIncomplete */
export async function findEntry(options: ReadOptions, path: string): Promise<Pick<TreeEntry, 'oid' | 'type'> | undefined> {
  const { commit } = await incomplete(options.sha, () =>
    git.readCommit({ fs, gitdir: options.gitdir, cache: options.cache, oid: options.sha }),
  );
  let here: Pick<TreeEntry, 'oid' | 'type'> = { oid: commit.tree, type: 'tree' };
  let walked = '';
  for (const part of path.split('/').filter((each) => each !== '')) {
    if (here.type !== 'tree') return undefined;
    walked = walked === '' ? part : `${walked}/${part}`;
    const entry = (await readTree(options, here.oid, walked)).find((each) => each.path === part);
    if (entry === undefined) return undefined;
    if (entry.mode === '120000') refuseSymlink(walked);
    if (entry.type === 'commit') refuseSubmodule(walked);
    here = entry;
  }
  return here;
}

/** The bytes of one file, within the limits of a snapshot; `undefined` where there is no file. */
export async function readFileAt(options: ReadOptions, path: string): Promise<Uint8Array | undefined> {
  const entry = await findEntry(options, path);
  if (entry?.type !== 'blob') return undefined;
  const builder = new SnapshotBuilder();
  const bytes = await readBlob(options, path, entry.oid);
  builder.add(path, bytes);
  return bytes;
}

async function findTree(options: ReadOptions, folder: string): Promise<string> {
  const entry = await findEntry(options, folder);
  if (entry?.type === 'tree') return entry.oid;
  throw new StreamSpaceError('GitPathNotFound', `there is no folder ${folder} in commit ${options.sha}`, {
    position: { file: folder },
  });
}

interface Blob {
  readonly path: string;
  readonly oid: string;
}

async function listBlobs(options: ReadOptions, tree: string, below: string, builder: SnapshotBuilder): Promise<Blob[]> {
  options.signal.throwIfAborted();
  const found: Blob[] = [];
  for (const entry of await readTree(options, tree, below)) {
    const path = below === '' ? entry.path : `${below}/${entry.path}`;
    if (entry.mode === '120000') refuseSymlink(path);
    if (entry.type === 'commit') refuseSubmodule(path);
    if (entry.type === 'tree') found.push(...(await listBlobs(options, entry.oid, path, builder)));
    else {
      builder.expect(path);
      found.push({ path, oid: entry.oid });
    }
  }
  return found;
}

async function readTree(options: ReadOptions, oid: string, path: string): Promise<TreeEntry[]> {
  const known = options.trees?.get(oid);
  if (known !== undefined) return known;
  const { tree } = await incomplete(path, () => git.readTree({ fs, gitdir: options.gitdir, cache: options.cache, oid }));
  options.trees?.set(oid, tree);
  return tree;
}

async function readBlob(options: ReadOptions, path: string, oid: string): Promise<Uint8Array> {
  const known = options.blobs.get(oid);
  if (known !== undefined) return known;
  const { blob } = await incomplete(path, () => git.readBlob({ fs, gitdir: options.gitdir, cache: options.cache, oid }));
  options.blobs.set(oid, blob);
  return blob;
}

/** What cannot be read fails the whole snapshot. */
async function incomplete<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new StreamSpaceError('GitReadIncomplete', `the clone cannot give ${what}`, { cause: error });
  }
}
