// Programs that only tests need, built and cached as those of the local cluster are.
import { join } from 'node:path';
import type { ClusterProgram } from './cluster-programs.ts';

const VERSITYGW = 'v1.8.0';

/** An object storage that speaks S3, with a folder behind it. */
export function s3ServerFolder(cacheDir: string): string {
  return join(cacheDir, 'bin', `versitygw-${VERSITYGW}`);
}

const GITEA = 'v1.26.0';

/** A forge with pull requests: the program, and what it reads at run time. */
export function giteaFolder(cacheDir: string): string {
  return join(cacheDir, 'bin', `gitea-${GITEA}`);
}

export function testPrograms(cacheDir: string): readonly ClusterProgram[] {
  return [
    {
      name: 'versitygw',
      folder: s3ServerFolder(cacheDir),
      releaseUrl: undefined,
      module: 'versitygw',
      package: 'github.com/versity/versitygw/cmd/versitygw',
      ldflags: '-s -w',
      buildTakes: 'about two minutes',
    },
    {
      name: 'gitea',
      folder: giteaFolder(cacheDir),
      releaseUrl: undefined,
      module: 'gitea',
      package: 'code.gitea.io/gitea',
      ldflags: '-s -w',
      reads: { module: 'code.gitea.io/gitea', folders: ['options', 'templates', 'public'] },
      buildTakes: 'about four minutes',
    },
  ];
}
