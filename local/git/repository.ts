// The bare repository behind the local Git server: made once from an example, kept ever after.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { BRANCH, REPOSITORY } from './config.ts';

const run = promisify(execFile);

const AUTHOR = { name: 'StreamSpace', email: 'streamspace@localhost' };

/** Lives in the repository; the hook adds a line to it after each push, over HTTP and by path alike. */
export const PUSH_MARK = 'streamspace-pushes';

/** Plain sh, no Node: it runs while the person who pushes waits. */
const POST_RECEIVE = `#!/bin/sh
# Written by StreamSpace: the Git server watches this file and tells the controller.
echo pushed >>"\${GIT_DIR:-.}/${PUSH_MARK}"
`;

/** Everything git may look at besides its arguments: nothing of the machine's or the person's own configuration. */
export function gitEnv(home: string): Readonly<Record<string, string>> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
  };
}

export interface RepositoryOptions {
  /** The folder that holds `config.git`. */
  readonly root: string;
  /** The first commit is what is in here, without `node_modules` and `dist`. */
  readonly example: { readonly name: string; readonly folder: string };
  readonly signal: AbortSignal;
}

async function git(options: RepositoryOptions, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('git', [...args], { env: gitEnv(options.root), cwd: options.root, signal: options.signal });
    return stdout.trim();
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' && existsSync(options.root))
      throw new StreamSpaceError('ToolMissing', 'git is needed for the local Git server', { cause });
    throw new StreamSpaceError('PartFailed', `git ${args[0]} failed for ${options.root}`, { cause });
  }
}

async function commitExample(options: RepositoryOptions, bare: string): Promise<void> {
  const { name, folder } = options.example;
  if (!existsSync(folder)) throw new StreamSpaceError('NotFound', `the example folder ${folder} does not exist`);
  await appendFile(join(bare, 'info', 'exclude'), 'node_modules/\ndist/\n');
  const at = [`--git-dir=${bare}`];
  await git(options, [...at, '-c', 'core.bare=false', `--work-tree=${folder}`, 'add', '--all', '.']);
  const tree = await git(options, [...at, 'write-tree']);
  const commit = await git(options, [...at, 'commit-tree', tree, '-m', `Start from the example ${name}`]);
  await git(options, [...at, 'update-ref', `refs/heads/${BRANCH}`, commit]);
  await rm(join(bare, 'index'));
}

/** Settings and hook are written at each start, so that a newer StreamSpace brings newer ones; the commits are never touched. */
async function configure(options: RepositoryOptions, bare: string): Promise<void> {
  const settings = {
    'http.receivepack': 'true',
    'receive.fsckObjects': 'true',
    'receive.maxInputSize': '256m',
    'receive.denyDeletes': 'false',
    // A process that outlives the push would hold the folder while it is being deleted.
    'gc.autoDetach': 'false',
    // A person who pushes by path may have another folder for hooks in a configuration of their own.
    'core.hooksPath': join(bare, 'hooks'),
    'uploadpack.allowFilter': 'true',
    'uploadpack.allowReachableSHA1InWant': 'true',
  };
  for (const [key, value] of Object.entries(settings)) await git(options, [`--git-dir=${bare}`, 'config', key, value]);
  await mkdir(join(bare, 'hooks'), { recursive: true });
  await writeFile(join(bare, 'hooks', 'post-receive'), POST_RECEIVE, { mode: 0o755 });
  await writeFile(join(bare, PUSH_MARK), '');
}

/** @returns the path of the bare repository */
export async function ensureRepository(options: RepositoryOptions): Promise<string> {
  await mkdir(options.root, { recursive: true, mode: 0o700 });
  const bare = join(options.root, REPOSITORY);
  if (!existsSync(bare)) {
    // Beside its place, then renamed: a start that was interrupted must not leave a repository without commits.
    const partial = `${bare}.part`;
    await rm(partial, { recursive: true, force: true });
    await git(options, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${BRANCH}`, partial]);
    await mkdir(join(partial, 'info'), { recursive: true });
    await commitExample(options, partial);
    await rename(partial, bare);
  }
  await configure(options, bare);
  return bare;
}
