// Follows the file that the API server writes its audit log to (`--audit-log-path`), over its rotations. Its place is kept on disk and moves only behind what is
// kept, so nothing is lost while the gateway is away for as long as the rotated files are there; what came by the webhook, too, is known by its id.
import { type FileHandle, open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { readEvent } from './event-list.ts';
import type { KubernetesAudit } from './kubernetes-audit.ts';

export interface FollowLogPorts {
  /** The file that is written to; rotated ones lie beside it as `NAME-TIME.EXTENSION` (lumberjack). */
  readonly path: string;
  /** Where the place is kept. */
  readonly placeFile: string;
  readonly taker: Pick<KubernetesAudit, 'take'>;
  readonly log: Logger;
}

interface Place {
  readonly inode: number;
  /** Bytes that are taken. */
  readonly offset: number;
}

const LOOK_EVERY_MS = 1_000;
const CHUNK_BYTES = 1024 * 1024;

/** Resolves when the signal is aborted. */
export async function followLog(ports: FollowLogPorts, signal: AbortSignal): Promise<void> {
  let told = false;
  while (!signal.aborted) {
    try {
      await takeNew(ports, signal);
      told = false;
    } catch (error) {
      if (!told && !signal.aborted)
        ports.log.warn({ err: error, path: ports.path }, 'the audit log of the API server is not read');
      told = true;
    }
    await delay(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Everything that is there and not taken yet, oldest first. */
export async function takeNew(ports: FollowLogPorts, signal: AbortSignal): Promise<void> {
  const known = await placeOf(ports.placeFile);
  const files = await filesOf(ports.path);
  const at = files.findIndex(({ inode }) => inode === known?.inode);
  if (known !== undefined && at < 0)
    ports.log.warn(
      { path: ports.path },
      'the file of the audit log that was read last is gone: events before the oldest may be lost',
    );
  // The first time the file of the moment; after that all that came since.
  const first = known === undefined ? files.length - 1 : Math.max(0, at);
  for (const [index, { path, inode }] of files.slice(first).entries()) {
    const offset = index === 0 && at >= 0 && known !== undefined ? known.offset : 0;
    await takeFile(path, { inode, offset }, ports, signal);
  }
}

/** Oldest first; the one that is written to is the last. */
async function filesOf(path: string): Promise<readonly { readonly path: string; readonly inode: number }[]> {
  const [folder, extension] = [dirname(path), extname(path)];
  const stem = basename(path, extension);
  const rotated = (await readdir(folder)).filter((name) => name.startsWith(`${stem}-`) && name.endsWith(extension)).toSorted();
  const found = [];
  for (const each of [...rotated.map((name) => join(folder, name)), path]) {
    const { ino } = await stat(each).catch(() => ({ ino: undefined }));
    // It was rotated, or cleaned up, in this moment: the next look finds it.
    if (ino !== undefined) found.push({ path: each, inode: ino });
  }
  return found;
}

async function takeFile(path: string, place: Place, ports: FollowLogPorts, signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'r');
  let { offset } = place;
  // Of the file that was found: it may have been rotated since, and another one have its name.
  if ((await file.stat()).ino !== place.inode) return;
  for (;;) {
    signal.throwIfAborted();
    const bytes = await wholeLines(file, offset);
    if (bytes.length === 0) return;
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    const events = lines.flatMap(parsed);
    await ports.taker.take(events, lines.length - events.length);
    offset += bytes.length;
    await keepPlace(ports.placeFile, { inode: place.inode, offset });
  }
}

/** From there, as many as fit a chunk, and one at least; empty where none is whole. */
async function wholeLines(file: FileHandle, offset: number): Promise<Buffer> {
  for (let size = CHUNK_BYTES; ; size *= 2) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, offset);
    const end = buffer.lastIndexOf(0x0a, bytesRead - 1);
    if (bytesRead > 0 && end >= 0) return buffer.subarray(0, end + 1);
    if (bytesRead < size) return Buffer.alloc(0);
  }
}

function parsed(line: string) {
  try {
    return readEvent(JSON.parse(line));
  } catch {
    return [];
  }
}

async function placeOf(file: string): Promise<Place | undefined> {
  try {
    const { inode, offset } = JSON.parse(await readFile(file, 'utf8')) as Partial<Place>;
    return typeof inode === 'number' && typeof offset === 'number' ? { inode, offset } : undefined;
  } catch {
    return undefined;
  }
}

async function keepPlace(file: string, place: Place): Promise<void> {
  await writeFile(`${file}.tmp`, JSON.stringify(place), { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}
