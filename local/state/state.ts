// Where an installation lives: one state folder (its data, certificates, logs) and one cache folder (what can be made again).
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

function base(variable: string | undefined, home: string | undefined, below: string): string {
  // The XDG rules: a relative path in the variable is invalid and counts as not set.
  if (variable !== undefined && isAbsolute(variable)) return variable;
  return join(home === undefined || home === '' ? '/root' : home, below);
}

/** The path without symbolic links, even where its end does not exist yet: one folder must give one identity. */
function canonical(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(canonical(parent), basename(path));
}

/** `--state DIR`, else STREAMSPACE_STATE, else `streamspace` below XDG_STATE_HOME or `~/.local/state`. Absolute. */
export function stateFolder(options: { readonly flag: string | undefined; readonly env: Env; readonly cwd: string }): string {
  const named = options.flag ?? options.env['STREAMSPACE_STATE'];
  if (named !== undefined && named !== '') return canonical(resolve(options.cwd, named));
  return canonical(join(base(options.env['XDG_STATE_HOME'], options.env['HOME'], '.local/state'), 'streamspace'));
}

/** STREAMSPACE_CACHE, else `streamspace` below XDG_CACHE_HOME or `~/.cache`. Absolute. */
export function cacheFolder(env: Env, cwd: string): string {
  const named = env['STREAMSPACE_CACHE'];
  if (named !== undefined && named !== '') return canonical(resolve(cwd, named));
  return canonical(join(base(env['XDG_CACHE_HOME'], env['HOME'], '.cache'), 'streamspace'));
}

/**
 * Six hexadecimal digits that tell installations on one machine apart: in the names of bridge, cgroup, CNI network and run
 * folder. Made from the path alone, so that traces can be found even when the folder is half gone.
 */
export function installationId(stateDir: string): string {
  return createHash('sha256').update(stateDir).digest('hex').slice(0, 6);
}

export interface StatePaths {
  readonly dir: string;
  readonly installation: string;
  readonly localJson: string;
  readonly status: string;
  readonly lock: string;
  /** One file a running part: who it is, so that a later start can end what an earlier one left. */
  readonly processes: string;
  readonly logs: string;
  readonly secrets: string;
  readonly tmp: string;
}

export function statePaths(dir: string): StatePaths {
  return {
    dir,
    installation: join(dir, 'installation.json'),
    localJson: join(dir, 'local.json'),
    status: join(dir, 'supervisor.json'),
    lock: join(dir, 'supervisor.lock'),
    processes: join(dir, 'processes'),
    logs: join(dir, 'log'),
    secrets: join(dir, 'secrets'),
    tmp: join(dir, 'tmp'),
  };
}

/** Makes the folders, for the owner alone. The state folder itself must be passable: PostgreSQL runs as another user. */
export async function makeStateFolders(paths: StatePaths): Promise<void> {
  await mkdir(paths.dir, { recursive: true, mode: 0o711 });
  for (const folder of [paths.processes, paths.logs, paths.secrets, paths.tmp]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}
