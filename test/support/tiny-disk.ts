// A file system in memory that a test can fill, or take away.
import { run } from '../../local/machine/run.ts';
import { temporaryFolder } from './recording.ts';

export interface TinyDisk extends AsyncDisposable {
  readonly path: string;
  /** Another file system lies over it: what is open stays open, nothing else is found. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
}

/** A file system of its own. */
export async function tinyDisk(size: string): Promise<TinyDisk> {
  const folder = await temporaryFolder();
  const { path } = folder;
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  return {
    path,
    takeAway: async () => void (await run('mount', ['-t', 'tmpfs', 'tmpfs', path])),
    bringBack: async () => void (await run('umount', ['-l', path])),
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
