// Files that are there to stay, and what goes wrong with them as our errors.
import { open } from 'node:fs/promises';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** Written and flushed to the disk. */
export async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await using handle = await open(path, 'wx', 0o600);
  await handle.writeFile(bytes);
  await handle.sync();
}

/** So that a new name in it is still there after a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}

export function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** StorageFull or StorageFailed; an error of ours stays as it is. @param what for the message */
export function fileError(error: unknown, what: string): unknown {
  if (error instanceof StreamSpaceError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new StreamSpaceError(full ? 'StorageFull' : 'StorageFailed', `${what} could not be written or read: ${code}`, {
    cause: error,
    facts: { code },
  });
}
