// `streamspace down`: stops everything in order; with `purge` nothing of it is left, and that is checked.
import { readdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamSpaceError } from '../schemas/errors.ts';
import { sweep } from './machine/sweep.ts';
import { type StatePaths, statePaths } from './state/state.ts';
import { readLock } from './supervisor/lock.ts';
import { endRecordedProcesses } from './supervisor/process-files.ts';
import { endProcess, isAlive, type ProcessIdentity } from './supervisor/process-identity.ts';
import { readRunningStatus } from './supervisor/status.ts';

const ASK_EVERY_MS = 50;
/** More than the supervisor's own limit: it is killed only when even that did not work. */
const STOP_LIMIT_MS = 100_000;

export interface DownOptions {
  readonly stateDir: string;
  readonly purge: boolean;
  readonly report: (line: string) => void;
}

/** @returns false when nothing ran. @throws StreamSpaceError `CleanupIncomplete` that names what is left */
export async function down(options: DownOptions): Promise<boolean> {
  const paths = statePaths(options.stateDir);
  const supervisor = await readLock(paths.lock);
  if (supervisor !== undefined) await stopSupervisor(supervisor, paths, options.report);
  await endRecordedProcesses(paths.processes, (name) => options.report(`ended ${name}, which was left running`));
  // Mounts, interfaces and groups are root's; without root there was no cluster and there are none.
  const left = process.getuid?.() === 0 ? await sweep(options.stateDir) : [];
  if (options.purge) await removeStateFolder(paths);
  if (left.length > 0) throw new StreamSpaceError('CleanupIncomplete', left.join('; '), { facts: { left } });
  return supervisor !== undefined;
}

/** Tells which units it still waits for, as they change. */
async function stopSupervisor(supervisor: ProcessIdentity, paths: StatePaths, report: (line: string) => void): Promise<void> {
  // Asked once; the wait below tells how far it is.
  const asked = endProcess(supervisor, { signal: 'SIGTERM', timeoutMs: STOP_LIMIT_MS });
  const told = new Set<string>();
  while (await isAlive(supervisor)) {
    const status = await readRunningStatus(paths.status);
    for (const { name, kind, state } of status?.units ?? []) {
      if (kind !== 'part' || state !== 'stopped' || told.has(name)) continue;
      told.add(name);
      report(`stopped ${name}`);
    }
    await sleep(ASK_EVERY_MS);
  }
  await asked;
}

/** A folder that holds more than an installation, named by mistake, keeps what is not ours. */
async function removeStateFolder(paths: StatePaths): Promise<void> {
  const OURS = [
    'admin.kubeconfig',
    'cluster',
    'controller',
    'database',
    'gateway',
    'git',
    'identity',
    'installation.json',
    'local.json',
    'log',
    'people.json',
    'processes',
    'recordings',
    'secrets',
    'supervisor.json',
    'supervisor.lock',
    'tmp',
    'volumes',
  ];
  for (const name of OURS) await rm(`${paths.dir}/${name}`, { recursive: true, force: true, maxRetries: 5 });
  const others = await readdir(paths.dir).catch(() => []);
  if (others.length === 0) await rm(paths.dir, { recursive: true, force: true });
  else throw new StreamSpaceError('CleanupIncomplete', `${paths.dir} holds files that are not ours: ${others.join(', ')}`);
}
