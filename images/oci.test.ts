import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { definitionsHash, parsePackages } from './definitions.ts';
import { writeLayer } from './layer.ts';
import { type ContainerConfig, writeArchive } from './oci.ts';
import { readTree } from './tree.ts';

const signal = new AbortController().signal;
const CONFIG: ContainerConfig = { User: '1000:1000', Env: ['A=b'], Entrypoint: ['/run'], Cmd: [], WorkingDir: '/', Labels: {} };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamspace-oci-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function archiveOf(layersOf: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const layers = [];
  for (const [index, content] of layersOf.entries()) {
    const root = join(folder, `root-${index}`);
    await mkdir(root);
    await writeFile(join(root, 'file'), content);
    layers.push(await writeLayer(await readTree(root), join(folder, `layer-${index}`), signal));
  }
  const archive = join(folder, 'image.tar');
  await writeArchive({ ref: 'localhost/streamspace/test:1.2.3', architecture: 'amd64', config: CONFIG, layers }, archive, signal);
  const files = new Map<string, Buffer>();
  const reader = extract();
  createReadStream(archive).pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function blobOf(files: ReadonlyMap<string, Buffer>, { digest, size }: Descriptor): Buffer {
  const blob = files.get(`blobs/${digest.replace(':', '/')}`);
  expect(blob?.length).toBe(size);
  expect(
    `sha256:${createHash('sha256')
      .update(blob ?? '')
      .digest('hex')}`,
  ).toBe(digest);
  return blob ?? Buffer.alloc(0);
}

test('every document of an archive names the next by its true digest, size and media type', async () => {
  const files = await archiveOf(['base', 'top']);
  expect(JSON.parse(String(files.get('oci-layout')))).toEqual({ imageLayoutVersion: '1.0.0' });
  const index = JSON.parse(String(files.get('index.json')));
  expect(index.manifests).toHaveLength(1);
  expect(index.manifests[0].annotations['io.containerd.image.name']).toBe('localhost/streamspace/test:1.2.3');
  expect(index.manifests[0].annotations['org.opencontainers.image.ref.name']).toBe('1.2.3');
  const manifest = JSON.parse(String(blobOf(files, index.manifests[0])));
  expect(manifest.config.mediaType).toBe('application/vnd.oci.image.config.v1+json');
  expect(manifest.layers.map((layer: Descriptor) => layer.mediaType)).toEqual(
    Array(2).fill('application/vnd.oci.image.layer.v1.tar+zstd'),
  );
  for (const layer of manifest.layers) blobOf(files, layer);
  const config = JSON.parse(String(blobOf(files, manifest.config)));
  expect(config.config).toEqual(CONFIG);
  expect(config.rootfs.diff_ids).toHaveLength(2);
  expect(config.history).toHaveLength(2);
});

test('a layer that is used twice is stored once', async () => {
  const files = await archiveOf(['same', 'same']);
  expect([...files.keys()].filter((name) => name.startsWith('blobs/'))).toHaveLength(3);
});

test('a list of packages may have comments and empty lines', () => {
  expect(parsePackages('# all\nbash\n\n  git # to clone\n')).toEqual(['bash', 'git']);
});

test('the hash of the definitions follows files, their names, release and architecture, and nothing else', async () => {
  const made = { suite: 'bookworm', architecture: 'amd64' };
  await mkdir(join(folder, 'base'));
  await writeFile(join(folder, 'base/packages'), 'bash\n');
  const before = await definitionsHash(folder, made);
  await writeFile(join(folder, 'README.md'), 'words');
  expect(await definitionsHash(folder, made)).toBe(before);
  expect(await definitionsHash(folder, { ...made, suite: 'trixie' })).not.toBe(before);
  await writeFile(join(folder, 'base/packages'), 'bash\ngit\n');
  expect(await definitionsHash(folder, made)).not.toBe(before);
});
