// A folder on its way to the browser: what tar made in the container is taken apart, every file in it is judged, and a new archive
// is made of what was judged. So nothing reaches the browser that two readers of tar could see differently.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header, pack } from 'tar-stream';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type HomePath, parseHomePath } from '../dlp/files/home-path.ts';
import type { SpooledFile } from './spool.ts';

export interface ArchiveEntry {
  readonly kind: 'File' | 'Folder';
  /** In the folder. */
  readonly path: HomePath;
  readonly bytes: number;
  readonly modified: Date;
}

/** Entries of one archive that are looked at. */
const MAX_ENTRIES = 100_000;

/** Files and folders in their order; links, devices and names that nobody could ask for are left out. Each content is read whole. */
export async function eachEntry(
  archive: SpooledFile,
  visit: (entry: ArchiveEntry, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const entries = extract();
  const feeding = pipeline(Readable.from(archive.read()), entries);
  feeding.catch(() => undefined); // the loop below fails with the same error
  let count = 0;
  try {
    for await (const part of entries) {
      count += 1;
      if (count > MAX_ENTRIES) throw new StreamSpaceError('FileSizeDenied', `the folder has more than ${MAX_ENTRIES} entries`);
      const entry = entryOf(part.header);
      if (entry !== undefined) await visit(entry, part as AsyncIterable<Buffer>);
      part.resume();
    }
    await feeding;
  } catch (error) {
    entries.destroy();
    if (error instanceof StreamSpaceError) throw error;
    throw new StreamSpaceError('FileTransferFailed', 'the desktop gave no archive that can be read', { cause: error });
  }
}

function entryOf({ name, type, size = 0, mtime }: Header): ArchiveEntry | undefined {
  if (type !== 'file' && type !== 'directory') return undefined;
  const path = pathOf(name);
  if (path === undefined || path === '') return undefined;
  return { kind: type === 'file' ? 'File' : 'Folder', path, bytes: size, modified: mtime ?? new Date(0) };
}

function pathOf(name: string): HomePath | undefined {
  try {
    return parseHomePath(name.replace(/^\.\/?/, '').replace(/\/$/, ''));
  } catch {
    return undefined;
  }
}

/** The archive for the browser. @param folder the name that everything in it lies under */
export function repacked(archive: SpooledFile, folder: string): Readable {
  const made = pack();
  const fill = eachEntry(archive, async ({ kind, path, bytes, modified }, content) => {
    const name = `${folder}/${path}`;
    if (kind === 'Folder') made.entry({ name, type: 'directory', mode: 0o755, mtime: modified });
    else await pipeline(content, made.entry({ name, size: bytes, mode: 0o644, mtime: modified }));
  });
  fill.then(
    () => made.finalize(),
    (error: unknown) => made.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(made);
}

/** SHA-256 over a line of hash and path for each file, as `sha256sum` writes it: what the audit says of a folder. */
export class FileList {
  readonly #hash = createHash('sha256');
  files = 0;
  bytes = 0;

  add(path: string, sha256: string, bytes: number): void {
    this.#hash.update(`${sha256}  ${path}\n`);
    this.files += 1;
    this.bytes += bytes;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
