// How much waits on the disk of the gateway, and that it is not more than it may be.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** Of all recordings below `root`, in bytes. */
export async function spooledBytes(root: string): Promise<number> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    // What is uploaded meanwhile is gone.
    sum += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return sum;
}

/** @throws StorageFull: the storage of recordings takes less than is recorded, or nothing */
export async function requireRoom(root: string, maxBytes: number): Promise<void> {
  const bytes = await spooledBytes(root);
  if (bytes >= maxBytes)
    throw new StreamSpaceError('StorageFull', `${bytes} of ${maxBytes} bytes wait to be stored`, { facts: { bytes, maxBytes } });
}
