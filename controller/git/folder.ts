// A snapshot of a folder on disk, for the command: the same refusals and limits as for a commit, so that what renders here
// renders there. Skips `.git` and `node_modules`, which a repository does not hold.
import { createHash } from 'node:crypto';
import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { refuseSymlink, SNAPSHOT_LIMITS, type Snapshot, SnapshotBuilder, type SnapshotLimits } from './snapshot.ts';

const SKIPPED = new Set(['.git', 'node_modules']);

/** Paths are relative to `folder`. @throws GitPathNotFound when it is not there */
export async function snapshotOfFolder(folder: string, limits: SnapshotLimits = SNAPSHOT_LIMITS): Promise<Snapshot> {
  const builder = new SnapshotBuilder(limits);
  const paths = await listFiles(folder, '', builder);
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
  return builder.finish('', hash.digest('hex'));
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
