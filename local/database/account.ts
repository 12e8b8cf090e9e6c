// As whom PostgreSQL runs: it refuses root.
import { readFile } from 'node:fs/promises';
import { StreamSpaceError } from '../../schemas/errors.ts';

export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A line of passwd(5). */
export function parseAccount(passwd: string, name: string): SystemAccount | undefined {
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return Number.isInteger(uid) && Number.isInteger(gid) ? { name, uid, gid } : undefined;
}

/** The distribution's `postgres` for root; `undefined` for everybody else: then it runs as whoever we are. */
export async function databaseAccount(): Promise<SystemAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const account = parseAccount(await readFile('/etc/passwd', 'utf8'), 'postgres');
  if (account === undefined)
    throw new StreamSpaceError('ToolMissing', 'the user postgres does not exist: install the Debian package postgresql');
  return account;
}
