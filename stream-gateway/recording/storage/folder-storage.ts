// A folder as object storage: a local disk or a share (NFS). An object appears under its name when all of it is on the disk.
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError, isFileError, syncFolder, writeWhole } from './files.ts';
import {
  type ByteRange,
  checkKey,
  type ObjectStorage,
  objectExists,
  objectMissing,
  type PutOptions,
  type StoredObject,
} from './object-storage.ts';

/** Half-written objects: no key may look like this. */
const PART_PREFIX = '.part-';

export class FolderStorage implements ObjectStorage {
  readonly #root: string;

  /** @param root made when it is not there */
  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, bytes: Buffer, { signal, replace = false }: PutOptions): Promise<void> {
    signal.throwIfAborted();
    const target = join(this.#root, checkKey(key));
    const folder = dirname(target);
    const part = join(folder, `${PART_PREFIX}${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWhole(part, bytes);
      if (replace) await rename(part, target);
      else await this.#linkNew(part, target, key, bytes);
      await syncFolder(folder);
    } catch (error) {
      throw fileError(error, `object ${key}`);
    } finally {
      await rm(part, { force: true }).catch(() => undefined);
    }
  }

  async get(key: string, { signal, range }: { readonly signal: AbortSignal; readonly range?: ByteRange }): Promise<Buffer> {
    signal.throwIfAborted();
    const path = join(this.#root, checkKey(key));
    try {
      if (range === undefined) return await readFile(path);
      await using handle = await open(path);
      const bytes = Buffer.alloc(Math.max(0, range.to - range.from));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, range.from);
      return bytes.subarray(0, bytesRead);
    } catch (error) {
      if (isFileError(error, 'ENOENT')) throw objectMissing(key);
      throw fileError(error, `object ${key}`);
    }
  }

  async *list(prefix: string, { signal }: { readonly signal: AbortSignal }): AsyncGenerator<StoredObject> {
    for (const name of await this.#names(join(this.#root, checkKey(prefix)), prefix)) {
      signal.throwIfAborted();
      const bytes = await stat(join(this.#root, name)).then(
        ({ size }) => size,
        () => undefined, // deleted since
      );
      if (bytes !== undefined) yield { key: name, bytes };
    }
  }

  async delete(key: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    const path = join(this.#root, checkKey(key));
    try {
      await rm(path, { force: true });
      await syncFolder(dirname(path)).catch(() => undefined);
    } catch (error) {
      throw fileError(error, `object ${key}`);
    }
  }

  /** A name that is taken is never written over: `link` fails where `rename` would replace. */
  async #linkNew(part: string, target: string, key: string, bytes: Buffer): Promise<void> {
    try {
      await link(part, target);
    } catch (error) {
      if (!isFileError(error, 'EEXIST')) throw error;
      if (!(await readFile(target)).equals(bytes)) throw objectExists(key);
    }
  }

  async #names(folder: string, prefix: string): Promise<readonly string[]> {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith(PART_PREFIX))
        .map((entry) => `${prefix}${join(entry.parentPath, entry.name).slice(folder.length)}`)
        .toSorted();
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return [];
      throw fileError(error, `objects below ${prefix}`);
    }
  }
}
