// Builds the web page when anything that goes into it has changed.
import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFileIfThere, writeFileAtomically } from '../local/state/files.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { exitCodeOf } from './program.ts';
import { type Report, timed } from './report.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'stream-gateway/web/dist');
const INPUTS = [
  'stream-gateway/web/{src,public}/**/*',
  'stream-gateway/web/*.{html,json,ts}',
  'schemas/**/*.ts',
  'package-lock.json',
];

/** Names and contents of all inputs. Tests are none: they do not change the page. */
async function inputsHash(): Promise<string> {
  const files: string[] = [];
  for await (const entry of glob(INPUTS, { cwd: ROOT, withFileTypes: true })) {
    if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) files.push(join(entry.parentPath, entry.name));
  }
  const hash = createHash('sha256');
  for (const file of files.sort())
    hash
      .update(file.slice(ROOT.length))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

export interface WebPageOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** @throws StreamSpaceError `BuildFailed` that names the log */
export async function ensureWebPage({ cacheDir, env, report, signal }: WebPageOptions): Promise<void> {
  const stamp = join(DIST, '.stamp');
  const hash = await inputsHash();
  if ((await readFileIfThere(stamp)) === hash) return;
  const log = join(cacheDir, 'log', 'build-web.log');
  await timed('building the web page', report, async () => {
    const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
    const code = await exitCodeOf(process.execPath, [vite, 'build', join(ROOT, 'stream-gateway/web'), '--logLevel', 'warn'], {
      cwd: ROOT,
      env: { ...env, NODE_ENV: 'production' },
      signal,
      log,
    });
    if (code !== 0) throw new StreamSpaceError('BuildFailed', `vite build exited with ${code} (log: ${log})`);
  });
  await writeFileAtomically(stamp, hash, 0o644);
}
