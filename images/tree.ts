// A file tree as the sorted list of entries of a layer, and what one tree has over another.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

interface Owned {
  /** Relative, without a leading `./`. */
  readonly path: string;
  /** Permission bits; setuid and setgid are never kept: nothing in a desktop may gain rights. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type Entry =
  | (Owned & { readonly type: 'directory' })
  /** `inode` tells hard links of one file apart from copies. */
  | (Owned & { readonly type: 'file'; readonly size: number; readonly source: string; readonly inode: string })
  | (Owned & { readonly type: 'symlink'; readonly target: string })
  /** Hides a path of the layer below. */
  | (Owned & { readonly type: 'whiteout' });

/** Filled by the container runtime or by the pod; what a build left in them is not part of an image. */
const EMPTY_FOLDERS = new Set(['dev', 'proc', 'sys', 'tmp']);

/** Devices, sockets and pipes are left out. Parents come before what is in them. */
export async function readTree(root: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const walk = async (folder: string): Promise<void> => {
    const names = (await readdir(join(root, folder))).sort();
    for (const name of names) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const source = join(root, path);
      const stat = await lstat(source);
      const owned: Owned = { path, mode: stat.mode & 0o1777, uid: stat.uid, gid: stat.gid };
      if (stat.isDirectory()) {
        entries.push({ ...owned, type: 'directory' });
        if (!EMPTY_FOLDERS.has(path)) await walk(path);
      } else if (stat.isSymbolicLink()) {
        entries.push({ ...owned, type: 'symlink', target: await readlink(source) });
      } else if (stat.isFile()) {
        entries.push({ ...owned, type: 'file', size: stat.size, source, inode: `${stat.dev}:${stat.ino}` });
      }
    }
  };
  await walk('');
  return entries;
}

async function contentHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function same(a: Entry, b: Entry): Promise<boolean> {
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return false;
  switch (a.type) {
    case 'directory':
    case 'whiteout':
      return a.type === b.type;
    case 'symlink':
      return b.type === 'symlink' && a.target === b.target;
    case 'file':
      return b.type === 'file' && a.size === b.size && (await contentHash(a.source)) === (await contentHash(b.source));
  }
}

/** What a layer on top of `below` must hold to give `wanted`: what is new or different, its folders, and whiteouts. */
export async function layerOver(below: readonly Entry[], wanted: readonly Entry[]): Promise<readonly Entry[]> {
  const before = new Map(below.map((entry) => [entry.path, entry]));
  const after = new Map(wanted.map((entry) => [entry.path, entry]));
  const needed = new Map<string, Entry>();
  for (const entry of wanted) {
    const old = before.get(entry.path);
    if (old === undefined || !(await same(old, entry))) needed.set(entry.path, entry);
  }
  for (const entry of below) {
    const parent = parentOf(entry.path);
    // Hiding a folder hides all that is in it.
    const parentStays = parent === undefined || after.get(parent)?.type === 'directory';
    if (!after.has(entry.path) && parentStays) needed.set(entry.path, { ...entry, type: 'whiteout' });
  }
  for (const path of [...needed.keys()]) {
    for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
      const folder = after.get(parent);
      if (folder !== undefined) needed.set(parent, folder);
    }
  }
  return [...needed.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? undefined : path.slice(0, slash);
}
