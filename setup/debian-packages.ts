// Installs the Debian packages of debian-packages.txt that are missing, without starting any service.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../local/machine/run.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { exitCodeOf } from './program.ts';
import { type Report, timed } from './report.ts';

export interface DebianPackage {
  readonly name: string;
  readonly why: string;
  readonly testOnly: boolean;
}

/** Pure. @throws RangeError for a line without a reason */
export function parsePackages(text: string): readonly DebianPackage[] {
  return text.split('\n').flatMap((line) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const match = /^(\S+)\s+#\s*(\[test\]\s*)?(\S.*)$/.exec(line);
    const [, name, mark, why] = match ?? [];
    if (name === undefined || why === undefined) throw new RangeError(`"${line}" does not say why the package is needed`);
    return [{ name, why, testOnly: mark !== undefined }];
  });
}

export interface PackagesOptions {
  readonly mode: 'start' | 'test';
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
const QUERY_FORMAT = '${db:Status-Status} ${Package}\n';

/** Names of installed packages, from the answer of dpkg-query in {@link QUERY_FORMAT}. Pure. */
export function installedNames(answer: string): ReadonlySet<string> {
  return new Set(answer.split('\n').flatMap((line) => (line.startsWith('installed ') ? [line.slice('installed '.length)] : [])));
}

export async function ensureDebianPackages(options: PackagesOptions): Promise<void> {
  const listed = parsePackages(await readFile(new URL('./debian-packages.txt', import.meta.url), 'utf8'));
  const wanted = listed.filter(({ testOnly }) => options.mode === 'test' || !testOnly);
  const installed = installedNames(await run('dpkg-query', ['-W', '-f', QUERY_FORMAT]));
  const missing = wanted.filter(({ name }) => !installed.has(name));
  if (missing.length === 0) return;
  options.report('these Debian packages are missing and are installed now:');
  for (const { name, why } of missing) options.report(`  ${name.padEnd(28)} ${why}`);
  await install(
    missing.map(({ name }) => name),
    options,
  );
}

async function install(names: readonly string[], { cacheDir, env, report, signal }: PackagesOptions): Promise<void> {
  const log = join(cacheDir, 'log', 'apt.log');
  const apt = async (args: readonly string[]): Promise<void> => {
    const code = await exitCodeOf('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      signal,
      log,
    });
    if (code !== 0) throw new StreamSpaceError('DownloadFailed', `apt-get ${args[0]} exited with ${code} (log: ${log})`);
  };
  await using _quiet = await withoutServices();
  await keepDebianFromMakingADatabase();
  await timed('reading the package lists', report, () => apt(['update', '--quiet']));
  await timed(`installing ${names.length} Debian packages`, report, () =>
    apt(['install', '--yes', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...names]),
  );
}

const POLICY = '/usr/sbin/policy-rc.d';

/** Debian starts a service when its package is installed, unless this file forbids it (invoke-rc.d(8)). */
async function withoutServices(): Promise<AsyncDisposable> {
  if (existsSync(POLICY)) return { [Symbol.asyncDispose]: async () => undefined };
  await writeFile(POLICY, '#!/bin/sh\n# Written by the set-up of StreamSpace while it installs packages.\nexit 101\n', {
    mode: 0o755,
  });
  return { [Symbol.asyncDispose]: () => rm(POLICY, { force: true }) };
}

/** On a machine without PostgreSQL: the package would make a cluster of its own that starts with the machine. */
async function keepDebianFromMakingADatabase(): Promise<void> {
  const folder = '/etc/postgresql-common';
  if (existsSync(folder)) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'createcluster.conf'), '# Written by the set-up of StreamSpace.\ncreate_main_cluster = false\n');
}
