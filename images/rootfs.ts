// Root file systems from Debian packages. Everything runs in a mount namespace of its own: whatever ends a build, no mount
// is left behind in the folder that is deleted afterwards.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StreamSpaceError } from '../schemas/errors.ts';
import { parsePackages, SOURCE_DATE_EPOCH } from './definitions.ts';

export interface Workshop {
  /** `images/` of the source tree. */
  readonly definitions: string;
  /** An empty folder of this build. */
  readonly work: string;
  /** What the programs print, for the one who has to find out why it failed. */
  readonly log: string;
  readonly suite: string;
  readonly signal: AbortSignal;
}

/** Programs in the path of a root shell and no other: a build must not depend on who started it. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function run(shop: Workshop, program: string, args: readonly string[]): Promise<void> {
  const log = createWriteStream(shop.log, { flags: 'a' });
  await new Promise<void>((resolve, reject) => log.once('open', () => resolve()).once('error', reject));
  try {
    const child = spawn(program, args, { stdio: ['ignore', log, log], signal: shop.signal });
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new StreamSpaceError('ImageBuildFailed', `${program} ended with ${code}; its output is in ${shop.log}`);
  } catch (error) {
    shop.signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new StreamSpaceError('ToolMissing', `${program} is needed to build the desktop images`, { cause: error });
    throw error;
  } finally {
    log.end();
  }
}

async function output(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], signal });
  child.on('error', () => {}); // no such program: the stream below ends empty
  return text(child.stdout);
}

/** The Debian sources of this machine (a mirror, perhaps), so that an image comes from where its packages come from. */
async function debianSources(shop: Workshop): Promise<readonly string[]> {
  const format = '$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const listed = await output('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], shop.signal);
  const lines = listed.split('\n').filter((line) => line.startsWith('Debian|') && line.includes(` ${shop.suite}`));
  return [...new Set(lines.map((line) => line.slice('Debian|'.length)))];
}

/** A proxy that apt uses here is used in the images' build as well. */
async function aptProxies(shop: Workshop): Promise<readonly string[]> {
  const dump = await output('apt-config', ['dump', 'Acquire'], shop.signal);
  return dump.split('\n').filter((line) => /^Acquire::https?::Proxy.* ".+";$/.test(line));
}

export async function packagesOf(definitions: string, name: string): Promise<readonly string[]> {
  return parsePackages(await readFile(join(definitions, name, 'packages'), 'utf8'));
}

/** A Debian with the packages of `base`, and still with a package manager. */
export async function bootstrap(shop: Workshop): Promise<string> {
  const root = join(shop.work, 'bootstrap');
  const packages = await packagesOf(shop.definitions, 'base');
  const excluded = ['man', 'doc', 'locale', 'info', 'lintian'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
  const proxies = (await aptProxies(shop)).map((line) => `--aptopt=${line}`);
  await run(shop, 'unshare', [
    ...['--mount', '--propagation', 'private', '--', 'env', `PATH=${PATH}`, `SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}`],
    ...['mmdebstrap', '--mode=root', '--variant=apt', '--format=directory', `--include=${packages.join(',')}`],
    ...['--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Retries "3"', '--dpkgopt=force-unsafe-io'],
    // Package lists stay: the images on top install from the very same state of the archive.
    ...['--skip=cleanup/apt', ...excluded, ...proxies, shop.suite, root],
    ...(await debianSources(shop)),
  ]);
  return root;
}

async function inRoot(shop: Workshop, root: string, command: readonly string[]): Promise<void> {
  // proc for the scripts of packages; gone with the namespace.
  const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
  const env = ['env', `PATH=${PATH}`, 'DEBIAN_FRONTEND=noninteractive', 'LANG=C.UTF-8', 'LC_ALL=C.UTF-8'];
  const isolated = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  await run(shop, 'unshare', [...isolated, '--', ...env, 'sh', '-c', script, root, ...command]);
}

/** The finished, trimmed file system of one image, on a copy of the bootstrapped one. */
export async function furnish(shop: Workshop, bootstrapped: string, name: string): Promise<string> {
  const root = join(shop.work, name);
  await run(shop, 'cp', ['-a', '--reflink=auto', bootstrapped, root]);
  if (name !== 'base') {
    await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
    const packages = await packagesOf(shop.definitions, name);
    await inRoot(shop, root, ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages]);
  }
  for (const layer of name === 'base' ? [name] : ['base', name]) {
    await cp(join(shop.definitions, layer, 'rootfs'), root, { recursive: true });
  }
  const scripts = join(root, 'tmp/streamspace');
  await mkdir(scripts);
  await copyFile(join(shop.definitions, 'base/setup.sh'), join(scripts, 'setup.sh'));
  await copyFile(join(shop.definitions, 'trim.sh'), join(scripts, 'trim.sh'));
  await inRoot(shop, root, ['sh', '/tmp/streamspace/setup.sh', String(SOURCE_DATE_EPOCH)]);
  await inRoot(shop, root, ['sh', '/tmp/streamspace/trim.sh']);
  await rm(scripts, { recursive: true });
  return root;
}
