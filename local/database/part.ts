// PostgreSQL of the distribution as a part of the local installation.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Part } from '../part.ts';
import { makePassword } from '../people/people.ts';
import { readFileIfThere, writeFileAtomically } from '../state/files.ts';
import { databaseAccount } from './account.ts';
import { DATABASE, ensureDataFolder, ROLE } from './create.ts';
import { privately, seenAt } from './private-mount.ts';
import { postgresPrograms } from './programs.ts';

export interface DatabasePartOptions {
  readonly stateDir: string;
  readonly port: number;
}

export interface DatabasePart {
  readonly part: Part;
  /** With role and password. */
  readonly url: string;
}

async function loadPassword(stateDir: string): Promise<string> {
  const path = join(stateDir, 'secrets', 'database-password');
  const kept = (await readFileIfThere(path))?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const made = makePassword();
  await mkdir(join(stateDir, 'secrets'), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, `${made}\n`);
  return made;
}

/** Nothing of the machine's configuration counts. What is not here is PostgreSQL's default, `fsync = on` for one. */
function settings(port: number): readonly string[] {
  const values: Readonly<Record<string, string | number>> = {
    listen_addresses: '127.0.0.1',
    port,
    // No socket file that another PostgreSQL on this machine could stumble over.
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: 100,
    shared_buffers: '128MB',
    // In the data folder instead of /dev/shm, where a killed server would leave files behind.
    dynamic_shared_memory_type: 'mmap',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** @throws StreamSpaceError `ToolMissing` where PostgreSQL is not installed */
export async function databasePart(options: DatabasePartOptions): Promise<DatabasePart> {
  const { port } = options;
  const folder = join(options.stateDir, 'database');
  const [account, programs, password] = await Promise.all([
    databaseAccount(),
    postgresPrograms(join(folder, 'data')),
    loadPassword(options.stateDir),
  ]);
  const data = join(seenAt(account, folder), 'data');
  const part: Part = {
    name: 'database',
    dependsOn: [],
    prepare: (signal) => ensureDataFolder({ folder, programs, account }, password, signal),
    command: privately(account, folder, [join(programs, 'postgres'), '-D', data, ...settings(port)]),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    ready: async (signal) => {
      // With a role that may come in, or the server would log a refusal at every probe.
      const client = [`--username=${ROLE}`, `--dbname=${DATABASE}`, '--host=127.0.0.1', `--port=${port}`];
      await promisify(execFile)(join(programs, 'pg_isready'), ['--quiet', '--timeout=1', ...client], { signal });
      return true;
    },
    // Fast shutdown: clients are sent away, everything is on disk. SIGTERM would wait for them.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 30_000,
  };
  return { part, url: `postgres://${ROLE}:${password}@127.0.0.1:${port}/${DATABASE}` };
}
