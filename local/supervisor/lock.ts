// One supervisor a state folder. The lock is a file that names its owner; a file whose owner is dead is nobody's.
import { randomBytes } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { readFileIfThere } from '../state/files.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

const owner = z.object({ pid: z.int().positive(), startTicks: z.string(), bootId: z.string() });
const TRIES = 5;

export interface Lock extends AsyncDisposable {
  readonly path: string;
}

/** @throws StreamSpaceError `AlreadyRunning` while another living process holds it */
export async function takeLock(path: string, self: ProcessIdentity): Promise<Lock> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (await createWhole(path, JSON.stringify(self))) {
      return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    }
    const holder = await readLock(path);
    if (holder !== undefined) throw new StreamSpaceError('AlreadyRunning', `process ${holder.pid} runs this installation`);
    // Of two that find a dead owner's file only one can move it away.
    const stale = `${path}.${randomBytes(4).toString('hex')}`;
    await rename(path, stale).then(
      () => rm(stale, { force: true }),
      () => undefined,
    );
  }
  throw new StreamSpaceError('AlreadyRunning', 'another process starts this installation at this moment');
}

/** The living owner, if there is one. */
export async function readLock(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFileIfThere(path);
  if (text === undefined) return undefined;
  const parsed = owner.safeParse(JSON.parse(text));
  return parsed.success && (await isAlive(parsed.data)) ? parsed.data : undefined;
}

/** Written beside its place and linked there: nobody ever reads half of it, and a link fails where a file is. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
