// Builds what is missing of the images: once, whole or not at all, without a registry.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../schemas/errors.ts';
import { DESKTOP_IMAGES, type DesktopImage, definitionsHash, desktopRef, PAUSE_REF } from './definitions.ts';
import { type Layer, writeLayer } from './layer.ts';
import { type ContainerConfig, type ImageContent, writeArchive } from './oci.ts';
import { PAUSE_CONFIG, pauseEntries } from './pause.ts';
import { bootstrap, furnish, type Workshop } from './rootfs.ts';
import { type Entry, layerOver, readTree } from './tree.ts';

export interface BuiltImage {
  readonly ref: string;
  /** An OCI archive for `ctr images import`. */
  readonly archive: string;
}

export interface EnsureImagesOptions {
  readonly cacheDir: string;
  /** One line of progress. */
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Three root file systems and their layers; measured: 2.3 GB. */
const BYTES_NEEDED = 3 * 1024 ** 3;

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

function desktopConfig(image: DesktopImage): ContainerConfig {
  return {
    User: '1000:1000',
    Env: [
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'HOME=/home/user',
      'USER=user',
      'LOGNAME=user',
      'SHELL=/bin/bash',
      'LANG=C.UTF-8',
      'DISPLAY=:1',
    ],
    Entrypoint: ['/usr/bin/tini', '--', '/usr/lib/streamspace/desktop'],
    Cmd: [image.program],
    WorkingDir: '/home/user',
    ExposedPorts: { '5900/tcp': {} },
    Labels: { 'org.opencontainers.image.title': `StreamSpace ${image.name}` },
  };
}

async function debianSuite(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const suite = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1];
  if (!/^ID="?debian"?$/m.test(release) || suite === undefined)
    throw new StreamSpaceError('NotDebian', 'the desktop images are built from the packages of a Debian machine');
  return suite;
}

/** Beside its place, then renamed: a file that is there is whole. */
async function place(image: ImageContent, archive: string, signal: AbortSignal): Promise<BuiltImage> {
  const partial = `${archive}.${process.pid}.part`;
  try {
    await writeArchive(image, partial, signal);
    await rename(partial, archive);
  } finally {
    await rm(partial, { force: true });
  }
  return { ref: image.ref, archive };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function unpackedBytes(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0);
}

async function buildDesktops(
  shop: Workshop,
  make: { readonly architecture: string; readonly archiveOf: (name: string) => string; readonly report: (line: string) => void },
): Promise<readonly BuiltImage[]> {
  const { signal } = shop;
  make.report('desktop images: installing the base from Debian packages, about a minute');
  const bootstrapped = await bootstrap(shop);
  const layer = async (name: string, entries: readonly Entry[]): Promise<Layer> => {
    const written = await writeLayer(entries, join(shop.work, `${name}.layer`), signal);
    make.report(`desktop images: layer ${name}: ${megabytes(unpackedBytes(entries))}, compressed ${megabytes(written.size)}`);
    return written;
  };
  make.report(`desktop images: installing ${DESKTOP_IMAGES.map(({ name }) => name).join(' and ')}`);
  // Started together; whichever fails first, the others are over before the folder is deleted.
  const rooms = await Promise.allSettled(
    ['base', ...DESKTOP_IMAGES.map(({ name }) => name)].map((name) => furnish(shop, bootstrapped, name)),
  );
  const [baseRoot, ...roots] = rooms.map((room) => {
    if (room.status === 'rejected') throw room.reason;
    return room.value;
  });
  const baseTree = await readTree(baseRoot ?? '');
  const baseLayer = await layer('base', baseTree);
  const built: BuiltImage[] = [];
  for (const [index, image] of DESKTOP_IMAGES.entries()) {
    const own = await layer(image.name, await layerOver(baseTree, await readTree(roots[index] ?? '')));
    const content = {
      ref: desktopRef(image.name),
      architecture: make.architecture,
      config: desktopConfig(image),
      layers: [baseLayer, own],
    };
    built.push(await place(content, make.archiveOf(image.name), signal));
  }
  return built;
}

/** Archives of other definitions, and what builds that were killed have left, older than a day. */
async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  const dayAgo = Date.now() - 86_400_000;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (keep.has(path) || name === 'build.log') continue;
    if ((await stat(path)).mtimeMs < dayAgo) await rm(path, { recursive: true, force: true });
  }
}

/**
 * The archives of every image, built where missing (about two minutes, root, Debian). They are kept by a hash of all that
 * they are made of, so a second call reads names and nothing else.
 * @throws StreamSpaceError `NotRoot`, `NotDebian`, `ToolMissing`, `DiskFull` or `ImageBuildFailed`
 */
export async function ensureImages(options: EnsureImagesOptions): Promise<readonly BuiltImage[]> {
  const { report, signal } = options;
  const folder = join(options.cacheDir, 'images');
  const definitions = import.meta.dirname;
  const suite = await debianSuite();
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const hash = await definitionsHash(definitions, { suite, architecture });
  const archiveOf = (name: string): string => join(folder, `${name}-${hash}.tar`);
  const wanted: readonly BuiltImage[] = [
    { ref: PAUSE_REF, archive: archiveOf('pause') },
    ...DESKTOP_IMAGES.map(({ name }) => ({ ref: desktopRef(name), archive: archiveOf(name) })),
  ];
  if (wanted.every(({ archive }) => existsSync(archive))) return wanted;

  if (process.getuid?.() !== 0) throw new StreamSpaceError('NotRoot', 'building the desktop images needs root');
  await mkdir(folder, { recursive: true });
  const disk = await statfs(folder);
  const free = disk.bavail * disk.bsize;
  if (free < BYTES_NEEDED)
    throw new StreamSpaceError(
      'DiskFull',
      `building the desktop images needs ${megabytes(BYTES_NEEDED)} in ${folder}, ${megabytes(free)} are free`,
    );
  const work = await mkdtemp(join(folder, 'work-'));
  const startedMs = performance.now();
  try {
    const shop: Workshop = { definitions, work, log: join(folder, 'build.log'), suite, signal };
    const pause = await writeLayer(await pauseEntries(), join(work, 'pause.layer'), signal);
    await place({ ref: PAUSE_REF, architecture, config: PAUSE_CONFIG, layers: [pause] }, archiveOf('pause'), signal);
    await buildDesktops(shop, { architecture, archiveOf, report });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
  await removeOthers(folder, new Set(wanted.map(({ archive }) => archive)));
  report(`desktop images: built in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  return wanted;
}
