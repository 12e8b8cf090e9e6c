// A layer: a tar of entries in their order, every time the same, compressed with zstd.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { SOURCE_DATE_EPOCH } from './definitions.ts';
import type { Entry } from './tree.ts';

export const LAYER_MEDIA_TYPE = 'application/vnd.oci.image.layer.v1.tar+zstd';

type Header = Parameters<Pack['entry']>[0];

export interface Layer {
  readonly file: string;
  readonly mediaType: typeof LAYER_MEDIA_TYPE;
  /** Of the compressed bytes: the name of the blob. */
  readonly digest: string;
  readonly size: number;
  /** Of the tar itself: what the image configuration names. */
  readonly diffId: string;
}

/** Passes bytes on and knows their digest and number afterwards. */
class Digest extends Transform {
  readonly #hash = createHash('sha256');
  size = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.size += chunk.length;
    done(null, chunk);
  }

  /** Once, at the end. */
  text(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

function header(entry: Entry): Header {
  const common = { mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime: new Date(SOURCE_DATE_EPOCH * 1000) };
  switch (entry.type) {
    case 'directory':
      return { ...common, name: `${entry.path}/`, type: 'directory' };
    case 'symlink':
      return { ...common, name: entry.path, type: 'symlink', linkname: entry.target };
    case 'file':
      return { ...common, name: entry.path, type: 'file', size: entry.size };
    case 'whiteout': {
      const slash = entry.path.lastIndexOf('/') + 1;
      const name = `${entry.path.slice(0, slash)}.wh.${entry.path.slice(slash)}`;
      return { ...common, mode: 0o644, name, type: 'file', size: 0 };
    }
  }
}

async function addFile(tar: Pack, headers: Header, source: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const target = tar.entry(headers, (error) => (error ? reject(error) : resolve()));
    pipeline(createReadStream(source), target).catch(reject);
  });
}

async function addEntries(tar: Pack, entries: readonly Entry[]): Promise<void> {
  const written = new Map<string, string>();
  for (const entry of entries) {
    if (entry.type === 'whiteout') {
      // With its (empty) content: the tar would wait for it otherwise.
      tar.entry(header(entry), Buffer.alloc(0));
      continue;
    }
    if (entry.type !== 'file') {
      tar.entry(header(entry));
      continue;
    }
    const first = written.get(entry.inode);
    if (first !== undefined) {
      tar.entry({ ...header(entry), type: 'link', linkname: first, size: 0 });
      continue;
    }
    written.set(entry.inode, entry.path);
    await addFile(tar, header(entry), entry.source);
  }
  tar.finalize();
}

/** Writes `file`; the caller renames it into its place. */
export async function writeLayer(entries: readonly Entry[], file: string, signal: AbortSignal): Promise<Layer> {
  const tar = pack();
  const plain = new Digest();
  const compressed = new Digest();
  // Level 6: half a minute of one core at most, a quarter smaller than level 1.
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 6 } });
  const filling = addEntries(tar, entries).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  await Promise.all([filling, pipeline(tar, plain, zstd, compressed, createWriteStream(file), { signal })]);
  return { file, mediaType: LAYER_MEDIA_TYPE, digest: compressed.text(), size: compressed.size, diffId: plain.text() };
}
