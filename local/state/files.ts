// Files that are whole or not there: written beside their place, then renamed into it.
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** @param mode default 0600: most of what is written here is a secret or names one */
export async function writeFileAtomically(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { mode, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes only what differs, so that a process which watches the file is not woken for nothing. */
export async function writeFileIfChanged(path: string, content: string, mode = 0o600): Promise<void> {
  if ((await readFileIfThere(path)) !== content) await writeFileAtomically(path, content, mode);
}

/** `undefined` when there is no such file; every other failure rejects. */
export async function readFileIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
