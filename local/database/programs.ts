// Which of the installed PostgreSQL versions serves a data folder.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { readFileIfThere } from '../state/files.ts';

const INSTALLED = '/usr/lib/postgresql';

/** The newest; for a data folder that is there, the major version that wrote it: another cannot read it. Pure. */
export function chooseVersion(installed: readonly string[], wrote: string | undefined): string | undefined {
  const versions = installed.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a));
  return wrote === undefined ? versions[0] : versions.find((version) => version === wrote);
}

/** @returns the folder with `postgres` and `initdb`. @throws StreamSpaceError `ToolMissing` */
export async function postgresPrograms(dataDir: string): Promise<string> {
  const installed = await readdir(INSTALLED).catch((): string[] => []);
  const wrote = (await readFileIfThere(join(dataDir, 'PG_VERSION')))?.trim();
  const version = chooseVersion(installed, wrote);
  if (version === undefined) {
    const wanted = wrote === undefined ? 'postgresql' : `postgresql-${wrote}, which wrote ${dataDir}`;
    throw new StreamSpaceError('ToolMissing', `PostgreSQL is missing: install the Debian package ${wanted}`);
  }
  return join(INSTALLED, version, 'bin');
}
