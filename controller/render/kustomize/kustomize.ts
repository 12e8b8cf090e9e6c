// Renders a Kustomize folder: its files alone in a private folder, kustomize without environment, network, plugins and Helm.
import { access, constants, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import type { Snapshot } from '../../git/snapshot.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { type LimitedOutput, type ProcessLimits, runLimited } from '../app/limited-run.ts';
import { withoutNetwork } from '../app/no-network.ts';
import type { Rendered } from '../manifest.ts';
import { turns } from '../turns.ts';
import { type KustomizeInput, kustomizeInput } from './kustomize-input.ts';
import { manifestsFrom } from './kustomize-output.ts';

export type KustomizeRenderer = (tree: SourceTree, unit: Snapshot, signal: AbortSignal) => Promise<Rendered>;

export interface KustomizeOptions {
  /** For the private folders; may be deleted at any time. */
  readonly directory: string;
  /** Absolute path of `kubectl` or `kustomize`. */
  readonly program: string;
  readonly limits?: ProcessLimits;
}

/** Its time grows with the square of the objects: 3,000 take some ten seconds. */
const LIMITS: ProcessLimits = { timeMs: 30_000, memoryMb: 600, outputBytes: 64 * 1024 * 1024 };
const MAX_AT_ONCE = 2;

export function createKustomizeRenderer({ directory, program, limits = LIMITS }: KustomizeOptions): KustomizeRenderer {
  const inTurn = turns(MAX_AT_ONCE);
  return async (tree, unit, signal) => {
    const input = await kustomizeInput(tree, unit);
    return await inTurn(async () => {
      await mkdir(directory, { recursive: true });
      const folder = await realpath(await mkdtemp(path.join(directory, 'kustomize-')));
      try {
        await writeFiles(folder, input.files);
        signal.throwIfAborted();
        await requireProgram(program);
        const output = await runLimited(await withoutNetwork(commandFor(program, folder, unit.path)), limits, signal);
        refuseFailure(output, input, folder);
        if (output.stdout.length > limits.outputBytes)
          throw new StreamSpaceError(
            'RenderOutputTooLarge',
            `its manifests have more than ${limits.outputBytes / 1024 / 1024} MiB`,
          );
        return manifestsFrom(output.stdout, { unit: unit.path, input, warnings: warningsIn(output.stderr) });
      } catch (error) {
        if (!(error instanceof StreamSpaceError) || error.position !== undefined) throw error;
        throw new StreamSpaceError(error.code, error.message, { position: { file: input.kustomization }, cause: error });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  };
}

/** Asked before: what starts it cannot tell why it does not. */
async function requireProgram(program: string): Promise<void> {
  try {
    if (!path.isAbsolute(program)) throw new StreamSpaceError('ToolMissing', `there is no ${program} on PATH`);
    await access(program, constants.X_OK);
  } catch (cause) {
    if (cause instanceof StreamSpaceError) throw cause;
    throw new StreamSpaceError('ToolMissing', `${program} cannot be run`, { cause });
  }
}

function commandFor(program: string, folder: string, unit: string) {
  const verb = path.basename(program).startsWith('kustomize') ? 'build' : 'kustomize';
  const args = [verb, `./${unit}`, '--load-restrictor=LoadRestrictionsRootOnly'];
  return { program, args, cwd: folder, env: {} };
}

async function writeFiles(folder: string, files: KustomizeInput['files']): Promise<void> {
  const folders = new Set([...files.keys()].map((file) => path.dirname(path.join(folder, file))));
  for (const each of folders) await mkdir(each, { recursive: true });
  for (const [file, bytes] of files) await writeFile(path.join(folder, file), bytes, { flag: 'wx' });
}

/** @throws RenderFailed with what kustomize says, in paths of the repository */
function refuseFailure({ exitCode, stderr }: LimitedOutput, { kustomization, files }: KustomizeInput, folder: string): void {
  if (exitCode === 0) return;
  const text = stderr.replaceAll(`${folder}/`, '').replaceAll(folder, '.').trim();
  const message = text.split('\n').findLast((line) => line.trim() !== '') ?? `kustomize ended with ${exitCode ?? 'a signal'}`;
  throw new StreamSpaceError('RenderFailed', message.replace(/^error: /i, '').slice(0, 2000), {
    position: placeIn(text, files) ?? { file: kustomization },
  });
}

/** Where its words name a file that there is. */
function placeIn(text: string, files: KustomizeInput['files']): SourcePosition | undefined {
  const named = [...text.matchAll(/'([^'\s]+)'|File: (\S+)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replace(/:$/, ''),
  );
  const file = named.findLast((each) => files.has(each));
  const line = /yaml: line (\d+)/.exec(text)?.[1];
  return file === undefined ? undefined : { file, ...(line === undefined ? {} : { line: Number(line) }) };
}

function warningsIn(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => /^#? ?warning/i.test(line))
    .map((line) => line.replace(/^#? ?warning:? */i, '').slice(0, 2000));
}
