// `streamspace init DIR`: a configuration repository that renders at once, with completion in the editor.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CliContext, Register } from '../../command.ts';
import { LINKED, type RepositoryKind, repositoryFiles } from '../../configuration-repository.ts';

const INSTALLATION = fileURLToPath(new URL('../../..', import.meta.url));
const EXAMPLE: Readonly<Record<RepositoryKind, string>> = { cdk8s: 'examples/quickstart', plain: 'examples/plain-yaml' };
const packages = z.object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) });
const runFile = promisify(execFile);

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);

/** @throws FolderNotEmpty for a file, or a folder with anything in it */
async function mustBeEmpty(folder: string): Promise<void> {
  try {
    const [first] = await readdir(folder);
    if (first !== undefined) throw new StreamSpaceError('FolderNotEmpty', `${folder} holds ${first} already`);
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) throw new StreamSpaceError('FolderNotEmpty', `${folder} is a file`, { cause: error });
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const wanted = paths.filter((path) => !/(^|[/\\])(node_modules|dist)[/\\]/.test(path)).sort();
  return new Map(
    await Promise.all(
      wanted.map(async (path) => [path.replaceAll(sep, '/'), await readFile(join(folder, path), 'utf8')] as const),
    ),
  );
}

/** Links and not copies: completion in the editor is that of the toolkit which renders. An old link of ours is renewed. */
async function linkPackages(folder: string, kind: RepositoryKind): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  for (const name of LINKED[kind]) {
    const link = join(folder, 'node_modules', name);
    if ((await readlink(link).catch(() => undefined)) !== undefined) await rm(link);
    await symlink(name === 'streamspace' ? INSTALLATION : join(INSTALLATION, 'node_modules', name), link, 'dir').catch(
      (error: unknown) => {
        if (!hasCode(error, 'EEXIST')) throw error; // a package that somebody installed there stays
      },
    );
  }
}

/** @returns what became of it, in a line for people */
async function startGit(folder: string, { env, signal }: CliContext): Promise<string> {
  const git = (...args: readonly string[]) => runFile('git', ['-C', folder, ...args], { env, signal });
  const fails = (outcome: Promise<unknown>): Promise<boolean> =>
    outcome.then(
      () => false,
      () => true,
    );
  if (await fails(git('--version'))) return 'git is not installed, so nothing is committed yet';
  if (!(await fails(git('rev-parse', '--is-inside-work-tree'))))
    return 'it lies in another Git repository, so nothing is committed yet';
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  const nobody = (await fails(git('config', 'user.email')))
    ? ['-c', 'user.name=StreamSpace', '-c', 'user.email=streamspace@localhost']
    : [];
  await git(...nobody, 'commit', '--quiet', '--message', 'Start the configuration');
  return 'committed on the branch main';
}

async function writeRepository(folder: string, kind: RepositoryKind, context: CliContext): Promise<void> {
  await mustBeEmpty(folder);
  const { dependencies, devDependencies } = packages.parse(
    JSON.parse(await readFile(join(INSTALLATION, 'package.json'), 'utf8')),
  );
  const files = repositoryFiles({
    kind,
    name: basename(folder),
    example: await filesBelow(join(INSTALLATION, EXAMPLE[kind])),
    versions: { ...dependencies, ...devDependencies },
  });
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
  await linkPackages(folder, kind);
  const committed = await startGit(folder, context);
  const added = kind === 'cdk8s' ? 'templates/terminal.ts' : 'templates/terminal.yaml';
  context.stdout.write(
    [
      `wrote ${files.size} files to ${folder}; ${committed}`,
      '',
      'next:',
      `  streamspace render ${folder}    what it becomes`,
      `  streamspace plan ${folder}      what it would change in the cluster`,
      `  copy ${added} to add a desktop, commit, and push to the repository of a GitSync`,
      '',
    ].join('\n'),
  );
}

/** For a clone of such a repository: node_modules is not in Git. */
async function linkExisting(folder: string, { stdout }: CliContext): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new StreamSpaceError('NotFound', `${folder} cannot be read`, { cause: error });
  });
  const kind: RepositoryKind = names.includes('main.ts') ? 'cdk8s' : 'plain';
  await linkPackages(folder, kind);
  stdout.write(`linked ${LINKED[kind].join(', ')} into ${join(folder, 'node_modules')}\n`);
}

export const registerInit: Register = (program, context) => {
  program
    .command('init')
    .description('write a configuration repository that renders at once')
    .argument('<dir>', 'a new or empty folder')
    .option('--plain', 'YAML files instead of a cdk8s app')
    .option('--link', 'only link the toolkit into a clone of such a repository, for completion in the editor')
    .action(async (dir: string, options: { readonly plain?: true; readonly link?: true }) => {
      const folder = resolve(context.cwd, dir);
      if (options.link) await linkExisting(folder, context);
      else await writeRepository(folder, options.plain ? 'plain' : 'cdk8s', context);
    });
};
