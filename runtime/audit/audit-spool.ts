// Audit events on disk while the database is away: one JSON line each, appended and flushed before anybody is told that
// it is written. One process owns the file.
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { StampedEvent } from './append-events.ts';

export class AuditSpool {
  readonly #file: string;
  readonly #replaying: string;
  readonly #maxBytes: number;
  #handle: FileHandle | undefined;
  /** Of the file that is appended to. */
  #bytes = 0;

  /** @param options.maxBytes of what waits; default: as much as the disk takes */
  constructor(folder: string, options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#file = join(folder, 'audit.jsonl');
    this.#replaying = join(folder, 'audit.replaying.jsonl');
  }

  /** @throws AuditSpoolFull */
  async append(event: StampedEvent): Promise<void> {
    if (this.#handle === undefined) {
      await mkdir(join(this.#file, '..'), { recursive: true, mode: 0o700 });
      this.#handle = await open(this.#file, 'a', 0o600);
      this.#bytes = (await this.#handle.stat()).size + (await sizeOf(this.#replaying));
      // A crash may have left a line without its end: what comes now must not become part of it.
      await this.#handle.write('\n');
    }
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    if (this.#bytes + line.length > this.#maxBytes)
      throw new StreamSpaceError('AuditSpoolFull', `${this.#maxBytes} bytes of audit events wait on disk already`);
    this.#bytes += line.length;
    await this.#handle.write(line);
    await this.#handle.datasync();
  }

  /**
   * Everything that waits, oldest first, in batches. A batch that `store` rejects is offered again at the next call;
   * so is the whole file after a crash, which is why stored events are known by their id.
   */
  async drain(store: (events: readonly StampedEvent[]) => Promise<void>): Promise<number> {
    let stored = await this.#replay(store);
    await this.close();
    // Moved away first: what is appended from here on goes into a new file and is later by definition.
    const moved = await rename(this.#file, this.#replaying).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (moved) stored += await this.#replay(store);
    return stored;
  }

  /** Closes the file; what is in it stays. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #replay(store: (events: readonly StampedEvent[]) => Promise<void>): Promise<number> {
    const text = await readFile(this.#replaying, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    const events = text.split('\n').flatMap(parseLine);
    for (let start = 0; start < events.length; start += 500) await store(events.slice(start, start + 500));
    await rm(this.#replaying, { force: true });
    return events.length;
  }
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** A line that a crash cut short is no event: nobody was told that it is written. */
function parseLine(line: string): readonly StampedEvent[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line) as StampedEvent];
  } catch {
    return [];
  }
}
