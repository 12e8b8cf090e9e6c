// The data folder of the local PostgreSQL: made once, with one database and one role that may use it from this machine.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { SystemAccount } from './account.ts';
import { auditOwnerStatements } from './audit-owner.ts';
import { privately, seenAt } from './private-mount.ts';

export const DATABASE = 'streamspace';
export const ROLE = 'streamspace';

export interface DataFolder {
  /** Holds `data`, and nothing else. */
  readonly folder: string;
  /** With `initdb` and `postgres`. */
  readonly programs: string;
  readonly account: SystemAccount | undefined;
}

/** One role by password over loopback; the superuser has no way in at all but the files themselves. */
const HBA = `# Written by StreamSpace.\nhost all ${ROLE} 127.0.0.1/32 scram-sha-256\n`;

async function run(
  where: DataFolder,
  command: readonly [string, ...string[]],
  input: string,
  signal: AbortSignal,
): Promise<void> {
  const [program, ...args] = privately(where.account, where.folder, command);
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  child.stdin.on('error', () => {}); // it ended before it read: the exit code says so
  child.stdin.end(input);
  const [code, said, complained] = await Promise.all([ended, text(child.stdout), text(child.stderr)]).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new StreamSpaceError('ToolMissing', `${program} cannot be started`, { cause });
  });
  signal.throwIfAborted();
  // The single-user server ends with 0 after a failed statement, too.
  if (code === 0 && !/^\d{4}-.* (ERROR|FATAL|PANIC):/m.test(complained)) return;
  const words = `${complained}\n${said}`.split('\n').filter((line) => line.trim() !== '');
  throw new StreamSpaceError('PartFailed', `PostgreSQL could not be set up: ${words.at(-1) ?? `exit code ${code}`}`, {
    facts: { code, output: words.slice(-20) },
  });
}

/** A password of {@link ROLE} that needs no quoting. @throws RangeError for another */
function quoted(password: string): string {
  if (!/^[A-Za-z0-9_-]{16,}$/.test(password)) throw new RangeError('the password of the database has other characters');
  return `'${password}'`;
}

/** Makes `data` where there is none; an interrupted start leaves nothing that a later one would take for whole. */
export async function ensureDataFolder(where: DataFolder, password: string, signal: AbortSignal): Promise<void> {
  const { folder, account } = where;
  if (existsSync(join(folder, 'data', 'PG_VERSION'))) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  await rm(join(folder, 'partial'), { recursive: true, force: true });
  const partial = join(seenAt(account, folder), 'partial');
  const initdb = join(where.programs, 'initdb');
  await run(
    where,
    [
      initdb,
      '--pgdata',
      partial,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-instructions',
    ],
    '',
    signal,
  );
  await writeFile(join(folder, 'partial', 'pg_hba.conf'), HBA);
  // Without a server there is no port, no socket and no moment in which anybody else could come in.
  const statements = [
    `create role ${ROLE} login createdb password ${quoted(password)};`,
    // In template1, so before the database that is copied from it.
    ...(await auditOwnerStatements()),
    `create database ${DATABASE} owner ${ROLE};`,
  ];
  await run(
    where,
    [join(where.programs, 'postgres'), '--single', '-D', partial, 'template1'],
    statements.map((statement) => `${statement}\n`).join(''),
    signal,
  );
  await rename(join(folder, 'partial'), join(folder, 'data'));
}
