// Reads a tree from the object database of a clone, by mode: links and submodules are refused, never followed.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CommitSha } from '../commit-sha.ts';
import {
  normalizePath,
  refuseSubmodule,
  refuseSymlink,
  type Snapshot,
  SnapshotBuilder,
  type SnapshotLimits,
} from '../snapshot.ts';
import { type BlobCache, onItsOwn } from './blob-cache.ts';
import { parseCommit, parseTree, type TreeEntry } from './git-objects.ts';
import type { GitObject, ObjectReader } from './object-reader.ts';

export interface ReadOptions {
  readonly objects: Pick<ObjectReader, 'read'>;
  readonly blobs: BlobCache;
  /** Names the clone. */
  readonly clone: string;
  readonly limits: SnapshotLimits;
  readonly sha: CommitSha;
  readonly signal: AbortSignal;
  /** Trees by id, for as long as somebody looks at one revision. */
  readonly trees?: Map<string, readonly TreeEntry[]>;
}

/** A tree of 100,000 files has about 4 MB. */
export const MAX_TREE_BYTES = 32 * 1024 ** 2;
/** A commit with a long message, many parents or a large signature. */
export const MAX_COMMIT_BYTES = 4 * 1024 ** 2;
/** Folders in folders; deeper is no configuration. */
const MAX_DEPTH = 64;
/** Files that are asked for ahead: enough to hide the pipe, and little against the limit of a snapshot. */
const READ_AHEAD = 32;

/** @throws GitPathNotFound, GitSymlink, GitSubmodule, GitLfsPointer, GitSnapshotTooLarge, FileTooLarge, GitReadIncomplete */
export async function readSnapshot(options: ReadOptions, below: string): Promise<Snapshot> {
  const folder = normalizePath(below);
  const builder = new SnapshotBuilder(options.limits);
  const treeId = await findTree(options, folder);
  const blobs = await listBlobs(options, treeId, folder, builder);
  const found = new Map<string, Uint8Array>();
  for (let from = 0; from < blobs.length; from += READ_AHEAD) {
    options.signal.throwIfAborted();
    const some = blobs.slice(from, from + READ_AHEAD);
    const read = await Promise.all(some.map(({ path, oid }) => readBlob(options, path, oid)));
    for (const [index, { path, oid }] of some.entries()) {
      const bytes = read[index] ?? new Uint8Array();
      builder.add(path, bytes);
      found.set(oid, bytes);
    }
  }
  options.blobs.keep(`${options.clone} ${folder}`, found);
  return builder.finish(folder, treeId);
}

/** What stands at a path. @throws GitSymlink, GitSubmodule, GitReadIncomplete */
export async function findEntry(options: ReadOptions, path: string): Promise<Pick<TreeEntry, 'oid' | 'type'> | undefined> {
  const commit = parseCommit(await readObject(options, 'commit', options.sha, options.sha, MAX_COMMIT_BYTES));
  let here: Pick<TreeEntry, 'oid' | 'type'> = { oid: commit.tree, type: 'tree' };
  let walked = '';
  for (const part of path.split('/').filter((each) => each !== '')) {
    if (here.type !== 'tree') return undefined;
    walked = walked === '' ? part : `${walked}/${part}`;
    const entry = (await readTree(options, here.oid, walked)).find((each) => each.path === part);
    if (entry === undefined) return undefined;
    if (entry.type === 'symlink') refuseSymlink(walked);
    if (entry.type === 'commit') refuseSubmodule(walked);
    here = entry;
  }
  return here;
}

/** The bytes of one file, within the limits of a snapshot; `undefined` where there is no file. */
export async function readFileAt(options: ReadOptions, path: string): Promise<Uint8Array | undefined> {
  const entry = await findEntry(options, path);
  if (entry?.type !== 'blob') return undefined;
  const bytes = await readBlob(options, path, entry.oid);
  new SnapshotBuilder(options.limits).add(path, bytes);
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
  if (below.split('/').length > MAX_DEPTH)
    throw new StreamSpaceError('GitSnapshotTooLarge', `folders are nested more than ${MAX_DEPTH} deep`, {
      position: { file: below },
    });
  for (const entry of await readTree(options, tree, below)) {
    const path = below === '' ? entry.path : `${below}/${entry.path}`;
    if (entry.type === 'symlink') refuseSymlink(path);
    if (entry.type === 'commit') refuseSubmodule(path);
    if (entry.type === 'tree') {
      // One by one: an argument list of a million is a crash.
      for (const blob of await listBlobs(options, entry.oid, path, builder)) found.push(blob);
    } else {
      builder.expect(path);
      found.push({ path, oid: entry.oid });
    }
  }
  return found;
}

async function readTree(options: ReadOptions, oid: string, path: string): Promise<readonly TreeEntry[]> {
  const known = options.trees?.get(oid);
  if (known !== undefined) return known;
  const tree = parseTree(await readObject(options, 'tree', oid, path, MAX_TREE_BYTES));
  options.trees?.set(oid, tree);
  return tree;
}

async function readBlob(options: ReadOptions, path: string, oid: string): Promise<Uint8Array> {
  const known = options.blobs.get(oid);
  if (known !== undefined) return known;
  return onItsOwn(await readObject(options, 'blob', oid, path, options.limits.maxFileBytes));
}

/** What cannot be read fails the whole snapshot. */
async function readObject(
  { objects }: Pick<ReadOptions, 'objects'>,
  type: GitObject['type'],
  oid: string,
  file: string,
  maxBytes: number,
): Promise<Buffer> {
  let object: GitObject | undefined;
  try {
    object = await objects.read(oid, maxBytes);
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'FileTooLarge')
      throw new StreamSpaceError('FileTooLarge', error.message, { position: { file } });
    throw error;
  }
  if (object?.type !== type) throw new StreamSpaceError('GitReadIncomplete', `the clone cannot give ${file}`);
  return object.bytes;
}
