// The folders of stream processes below the spool of the gateway. Each has one, so what a crash leaves is found by the process that
// is started in its place. What is left in a folder that nobody has any more (there were more processes before, or none) is given
// to those that there are now.
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { delay } from '../../runtime/shutdown/shutdown.ts';

export function streamsFolder(spoolDir: string, index: number): string {
  return join(spoolDir, 'streams', String(index));
}

const AGAIN_MS = 100;

/**
 * Waits until no other process has the folder: one that lost its front process may still be draining. The lock is an abstract
 * socket (unix(7)), which the kernel takes back however its process ends.
 */
export async function lockFolder(folder: string, signal: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex');
  for (;;) {
    const lock = await tryLock(`\0streamspace-spool-${name}`);
    if (lock !== undefined) return lock;
    await delay(AGAIN_MS, signal);
  }
}

async function tryLock(path: string): Promise<AsyncDisposable | undefined> {
  const server = createServer((socket) => socket.destroy());
  const isOurs = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ path }, () => resolve(true));
  });
  if (!isOurs) return undefined;
  server.unref();
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Before any stream process is started. @param count of the stream processes that there will be; 0: the front process is the one */
export async function takeOverSpools(spoolDir: string, count: number, signal: AbortSignal): Promise<void> {
  const target = count === 0 ? spoolDir : streamsFolder(spoolDir, 0);
  if (count > 0) await moveRecordings(spoolDir, target);
  for (const index of await numbersIn(join(spoolDir, 'streams'))) {
    if (index < count) continue;
    const folder = streamsFolder(spoolDir, index);
    await using _lock = await lockFolder(folder, signal);
    await moveRecordings(folder, target);
    await moveAudit(folder, spoolDir);
    await rm(folder, { recursive: true });
  }
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  return (await namesIn(folder)).filter((name) => /^\d{1,3}$/.test(name)).map(Number);
}

async function moveRecordings(from: string, to: string): Promise<void> {
  const names = await namesIn(join(from, 'recordings'));
  if (names.length > 0) await mkdir(join(to, 'recordings'), { recursive: true, mode: 0o700 });
  for (const name of names) await rename(join(from, 'recordings', name), join(to, 'recordings', name));
}

/** Stored events are known by their id, so what a crash makes us append twice is stored once. */
async function moveAudit(from: string, to: string): Promise<void> {
  for (const name of ['audit.replaying.jsonl', 'audit.jsonl']) {
    const lines = await readFile(join(from, name)).catch(nothingIfMissing);
    if (lines === undefined) continue;
    await appendFile(join(to, 'audit.jsonl'), Buffer.concat([Buffer.from('\n'), lines, Buffer.from('\n')]), {
      mode: 0o600,
      flush: true,
    });
    await rm(join(from, name));
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(nothingIfMissing)) ?? [];
}

function nothingIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
