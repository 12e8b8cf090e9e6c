// The programs of the local cluster: from the cache; else the official release, checksum verified, where it can be reached;
// else built from the pinned modules in local/cluster/tools. Each is renamed into the cache when it is whole.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programFolders } from '../local/cluster/layout.ts';
import versions from '../local/cluster/versions.json' with { type: 'json' };
import { StreamSpaceError } from '../schemas/errors.ts';
import { exitCodeOf } from './program.ts';
import { fetchRelease, ReleaseUnreachable } from './release.ts';
import { type Report, timed } from './report.ts';

const run = promisify(execFile);

export interface ClusterProgram {
  readonly name: string;
  readonly folder: string;
  /** Of the program itself; `undefined`: the release is an archive, and building it takes half a minute anyway. */
  readonly releaseUrl: string | undefined;
  /** Folder of its go.mod below local/cluster/tools, and the package in it. */
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
  /** Folders of a module that the program reads where it stands, copied beside it. */
  readonly reads?: { readonly module: string; readonly folders: readonly string[] };
  /** On two cores, in this order. */
  readonly buildTakes: string;
}

const KUBERNETES: readonly (readonly [name: string, takes: string])[] = [
  ['kube-apiserver', 'about 5 minutes'],
  ['kube-controller-manager', 'about a minute'],
  ['kubelet', 'half a minute'],
  ['kubectl', 'half a minute'],
  ['kube-scheduler', 'some seconds'],
];

export function clusterPrograms(cacheDir: string): readonly ClusterProgram[] {
  const folders = programFolders(cacheDir);
  const { kubernetes } = versions;
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(kubernetes) ?? [];
  const version = 'k8s.io/component-base/version';
  return [
    ...KUBERNETES.map(([name, buildTakes]) => ({
      name,
      folder: folders.kubernetes,
      releaseUrl: `https://dl.k8s.io/release/${kubernetes}/bin/linux/amd64/${name}`,
      module: 'kubernetes',
      package: `k8s.io/kubernetes/cmd/${name}`,
      ldflags: `-s -w -X ${version}.gitVersion=${kubernetes} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`,
      buildTakes,
    })),
    {
      name: 'etcd',
      folder: folders.etcd,
      releaseUrl: undefined,
      module: 'etcd',
      package: 'go.etcd.io/etcd/server/v3',
      ldflags: '-s -w',
      buildTakes: 'half a minute',
    },
  ];
}

export interface ProgramsOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** @throws StreamSpaceError `ToolMissing` (no Go), `DownloadFailed` (a wrong checksum) or `BuildFailed`, which names the log */
export async function ensureClusterPrograms(
  options: ProgramsOptions,
  programs = clusterPrograms(options.cacheDir),
): Promise<void> {
  let reachable = true;
  for (const program of programs) {
    if (await isExecutable(join(program.folder, program.name))) continue;
    await mkdir(program.folder, { recursive: true });
    if (reachable && program.releaseUrl !== undefined) reachable = await download(program, program.releaseUrl, options);
    if (!(await isExecutable(join(program.folder, program.name)))) await build(program, options);
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** @returns false when the release server cannot be reached: the others are not asked for */
async function download(program: ClusterProgram, url: string, { report, signal }: ProgramsOptions): Promise<boolean> {
  const target = join(program.folder, program.name);
  try {
    await placing(target, async (partial) => {
      await fetchRelease({
        url,
        target: partial,
        signal,
        onStart: () => report(`downloading ${program.name} (checksum is verified)`),
      });
    });
    report(`downloaded ${program.name}, ${megabytes((await stat(target)).size)}`);
    return true;
  } catch (error) {
    if (!(error instanceof ReleaseUnreachable)) throw error;
    report(`the official release cannot be reached (${error.message}); the programs are built from source, once`);
    return false;
  }
}

async function build(program: ClusterProgram, { cacheDir, env: given, report, signal }: ProgramsOptions): Promise<void> {
  const log = join(cacheDir, 'log', `build-${program.name}.log`);
  const cwd = fileURLToPath(new URL(`../local/cluster/tools/${program.module}`, import.meta.url));
  // The module in that folder is meant, whatever workspace the user has around it.
  const env = { ...given, CGO_ENABLED: '0', GOWORK: 'off' };
  await timed(`building ${program.name} (${program.buildTakes}, once)`, report, () =>
    placing(join(program.folder, program.name), async (partial) => {
      const args = ['build', '-trimpath', '-ldflags', program.ldflags, '-o', partial, program.package];
      const code = await exitCodeOf('go', args, { cwd, env, signal, log });
      if (code === 127) throw new StreamSpaceError('ToolMissing', `go is not installed, and ${program.name} has to be built`);
      if (code !== 0) throw new StreamSpaceError('BuildFailed', `go build of ${program.name} exited with ${code} (log: ${log})`);
      // First what it reads, so that a program that is there is whole.
      if (program.reads !== undefined) await copyFolders(program.reads, program.folder, { cwd, env });
    }),
  );
}

async function copyFolders(
  { module, folders }: NonNullable<ClusterProgram['reads']>,
  to: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<void> {
  const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', module], options);
  // Modules are read-only, and a copy of them would be, too.
  for (const folder of folders) await run('cp', ['-R', '--no-preserve=mode', join(stdout.trim(), folder), to]);
}

/** What `make` wrote beside the target becomes the target, or nothing is left of it. */
async function placing(target: string, make: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${target}.${process.pid}.part`;
  try {
    await make(partial);
    await chmod(partial, 0o755);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
