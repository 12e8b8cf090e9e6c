// An OCI image layout in one tar file, as `ctr images import`, `podman load` and `skopeo` read it.
// https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { SOURCE_DATE_EPOCH } from './definitions.ts';
import type { Layer } from './layer.ts';

export interface ContainerConfig {
  /** `uid:gid`. */
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
}

export interface ImageContent {
  /** The full reference with its tag. */
  readonly ref: string;
  /** As Go calls it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly config: ContainerConfig;
  /** From the lowest up. */
  readonly layers: readonly Layer[];
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface JsonBlob extends Blob {
  readonly bytes: Buffer;
}

function jsonBlob(mediaType: string, value: unknown): JsonBlob {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length, bytes };
}

function descriptor(blob: Blob): Blob {
  return { mediaType: blob.mediaType, digest: blob.digest, size: blob.size };
}

/** The JSON documents of an image: configuration, manifest and index, each naming the one before by digest. */
export function imageDocuments(image: ImageContent): {
  readonly config: JsonBlob;
  readonly manifest: JsonBlob;
  readonly index: object;
} {
  const created = new Date(SOURCE_DATE_EPOCH * 1000).toISOString();
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    created,
    architecture: image.architecture,
    os: 'linux',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => layer.diffId) },
    history: image.layers.map(() => ({ created, created_by: 'streamspace images/build.ts' })),
  });
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(config),
    layers: image.layers.map(descriptor),
  });
  const tag = image.ref.slice(image.ref.lastIndexOf(':') + 1);
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor(manifest),
        platform: { architecture: image.architecture, os: 'linux' },
        // containerd takes the name from the first, the tools of the specification the tag from the second.
        annotations: { 'io.containerd.image.name': image.ref, 'org.opencontainers.image.ref.name': tag },
      },
    ],
  };
  return { config, manifest, index };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function addLayer(tar: Pack, layer: Layer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const headers = { name: blobPath(layer.digest), mode: 0o644, mtime: new Date(SOURCE_DATE_EPOCH * 1000), size: layer.size };
    const target = tar.entry(headers, (error) => (error ? reject(error) : resolve()));
    pipeline(createReadStream(layer.file), target).catch(reject);
  });
}

async function addAll(tar: Pack, image: ImageContent): Promise<void> {
  const { config, manifest, index } = imageDocuments(image);
  const add = (name: string, content: Buffer | string): void => {
    tar.entry({ name, mode: 0o644, mtime: new Date(SOURCE_DATE_EPOCH * 1000) }, content);
  };
  add('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  add('index.json', JSON.stringify(index));
  for (const blob of [config, manifest]) add(blobPath(blob.digest), blob.bytes);
  const distinct = new Map(image.layers.map((layer) => [layer.digest, layer]));
  for (const layer of distinct.values()) await addLayer(tar, layer);
  tar.finalize();
}

/** Writes `file`; the caller renames it into its place. */
export async function writeArchive(image: ImageContent, file: string, signal: AbortSignal): Promise<void> {
  const tar = pack();
  const filling = addAll(tar, image).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  await Promise.all([filling, pipeline(tar, createWriteStream(file), { signal })]);
}
