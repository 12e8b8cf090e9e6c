// A snapshot of a folder on disk, for the command: the same refusals and limits as for a commit, so that what renders here
// renders there. Skips `.git` and `node_modules`, which a repository does not hold.
import { createHash } from 'node:crypto';
import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import {
  normalizePath,
  refuseSymlink,
  SNAPSHOT_LIMITS,
  type Snapshot,
  SnapshotBuilder,
  type SnapshotLimits,
} from './snapshot.ts';
import type { SourceTree } from './source-tree.ts';

const SKIPPED = new Set(['.git', 'node_modules']);

/** Paths are relative to `folder`. @throws GitPathNotFound when it is not there */
export async function snapshotOfFolder(folder: string, limits: SnapshotLimits = SNAPSHOT_LIMITS): Promise<Snapshot> {
  return await snapshotBelow(folder, '', limits);
}

/** A folder on disk as a repository: for whoever renders a part of it that reads other parts. */
export function treeOfFolder(root: string): SourceTree {
  const snapshots = new Map<string, Promise<Snapshot>>();
  const snapshot = (folder: string): Promise<Snapshot> => {
    const below = normalizePath(folder);
    const known = snapshots.get(below) ?? snapshotBelow(root, below, SNAPSHOT_LIMITS);
    snapshots.set(below, known);
    return known;
  };
  const file = async (name: string): Promise<Uint8Array | undefined> => {
    if ((await lookAt(root, name)) !== 'file') return undefined;
    const bytes = await fs.readFile(path.join(root, name));
    new SnapshotBuilder().add(name, bytes);
    return bytes;
  };
  return {
    snapshot,
    file,
    idAt: async (name) => {
      const found = await lookAt(root, name);
      if (found === 'folder') return (await snapshot(name)).treeId;
      const bytes = await file(name);
      return bytes && createHash('sha256').update(bytes).digest('hex');
    },
  };
}

/** Part by part, so that a link on the way is seen too. */
async function lookAt(root: string, name: string): Promise<'folder' | 'file' | undefined> {
  let walked = '';
  let found: 'folder' | 'file' | undefined = 'folder';
  for (const part of normalizePath(name)
    .split('/')
    .filter((each) => each !== '')) {
    if (found !== 'folder') return undefined;
    walked = path.posix.join(walked, part);
    const stat = await fs.lstat(path.join(root, walked)).catch(() => undefined);
    if (stat?.isSymbolicLink()) refuseSymlink(walked);
    found = stat?.isDirectory() ? 'folder' : stat?.isFile() ? 'file' : undefined;
  }
  return found;
}

async function snapshotBelow(folder: string, below: string, limits: SnapshotLimits): Promise<Snapshot> {
  const builder = new SnapshotBuilder(limits);
  const paths = await listFiles(folder, below, builder);
  const hash = createHash('sha256');
  for (const file of paths.sort()) {
    const { size } = await fs.stat(path.join(folder, file));
    // Judged before it is read, so that a disk image in the folder does not fill the memory.
    if (size > limits.maxFileBytes)
      throw new StreamSpaceError('FileTooLarge', `${size} bytes, at most ${limits.maxFileBytes} are read`, {
        position: { file },
      });
    const bytes = await fs.readFile(path.join(folder, file));
    builder.add(file, bytes);
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return builder.finish(below, hash.digest('hex'));
}

async function listFiles(folder: string, below: string, builder: SnapshotBuilder): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(path.join(folder, below))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (SKIPPED.has(entry.name)) continue;
    if (entry.isSymbolicLink()) refuseSymlink(name);
    if (entry.isDirectory()) found.push(...(await listFiles(folder, name, builder)));
    else if (entry.isFile()) {
      builder.expect(name);
      found.push(name);
    }
  }
  return found;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new StreamSpaceError('GitPathNotFound', `there is no folder ${folder}`, { cause: error });
  }
}
