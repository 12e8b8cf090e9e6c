// schemathesis of PyPI, which `npm run api-test` asks the API with: in a virtual environment of its own in the cache.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StreamSpaceError } from '../schemas/errors.ts';
import { exitCodeOf } from './program.ts';
import { type Report, timed } from './report.ts';

const VERSION = '4.32.5';

export interface SchemathesisOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** @returns the program. @throws StreamSpaceError `ToolMissing` (no Python with venv) or `DownloadFailed`, which names the log */
export async function ensureSchemathesis({ cacheDir, env, report, signal }: SchemathesisOptions): Promise<string> {
  const folder = join(cacheDir, 'python', `schemathesis-${VERSION}`);
  const program = join(folder, 'bin', 'schemathesis');
  // Written last: a folder without it is a download that was cut off.
  const whole = join(folder, 'whole');
  if (existsSync(whole)) return program;
  const log = join(cacheDir, 'log', 'schemathesis.log');
  const options = { env, signal, log };
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await timed(`installing schemathesis ${VERSION} from PyPI (about a minute, once)`, report, async () => {
    if ((await exitCodeOf('python3', ['-m', 'venv', folder], options)) !== 0)
      throw new StreamSpaceError('ToolMissing', `python3-venv is not installed (log: ${log})`);
    const pip = ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
    if ((await exitCodeOf(join(folder, 'bin', 'pip'), pip, options)) !== 0)
      throw new StreamSpaceError('DownloadFailed', `schemathesis could not be installed (log: ${log})`);
    await writeFile(`${whole}.part`, '');
    await rename(`${whole}.part`, whole);
  });
  return program;
}
