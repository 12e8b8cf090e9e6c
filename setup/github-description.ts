// What GitHub publishes of its REST API, for the double of it in tests. Not a dependency: the package unpacks to 385 MB, most of it
// the descriptions of older Enterprise Servers, and everybody who starts StreamSpace would have them.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StreamSpaceError } from '../schemas/errors.ts';
import { exitCodeOf } from './program.ts';
import { type Report, timed } from './report.ts';

const VERSION = '23.0.2';
const INTEGRITY = 'sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==';
const PACKAGE = `@octokit/openapi@${VERSION}`;
const FILE = 'package/generated/api.github.com.json';

export function githubDescriptionFile(cacheDir: string): string {
  return join(cacheDir, `github-openapi-${VERSION}.json`);
}

export interface DescriptionOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** @throws StreamSpaceError `DownloadFailed` where npm does not give the package, or gives another one */
export async function ensureGitHubDescription({ cacheDir, env, report, signal }: DescriptionOptions): Promise<void> {
  const target = githubDescriptionFile(cacheDir);
  if (
    await access(target).then(
      () => true,
      () => false,
    )
  )
    return;
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'github-openapi-'));
  try {
    await timed(`getting the description of GitHub's API`, report, async () => {
      const log = join(cacheDir, 'log', 'github-openapi.log');
      const code = await exitCodeOf('npm', ['pack', PACKAGE, '--pack-destination', folder], { env, signal, log });
      const [packed] = await readdir(folder);
      if (code !== 0 || packed === undefined)
        throw new StreamSpaceError('DownloadFailed', `npm pack ${PACKAGE} exited with ${code} (log: ${log})`);
      const archive = join(folder, packed);
      const given = `sha512-${createHash('sha512')
        .update(await readFile(archive))
        .digest('base64')}`;
      if (given !== INTEGRITY) throw new StreamSpaceError('DownloadFailed', `${PACKAGE} is not the package that is known`);
      const partial = join(folder, 'description.json');
      const tar = spawn('tar', ['-xzOf', archive, FILE], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(tar, 'close');
      await pipeline(tar.stdout, createWriteStream(partial));
      if ((await ended)[0] !== 0) throw new StreamSpaceError('DownloadFailed', `${PACKAGE} has no ${FILE}`);
      await rename(partial, target);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
