// Runs a bundle in Deno without any permission, within limits of time, memory and output.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { outOfMemory, type ProcessLimits, runLimited } from './limited-run.ts';
import type { SandboxCommand } from './sandbox-process.ts';
import { sampleStack } from './sandbox-stack.ts';

export interface SandboxLimits extends ProcessLimits {
  /** A second fence: V8 spends long in collecting before it gives up. */
  readonly heapMb: number;
}

export const SANDBOX_LIMITS: SandboxLimits = { timeMs: 15_000, heapMb: 640, memoryMb: 600, outputBytes: 64 * 1024 * 1024 };

export interface SandboxProgram {
  /** Path of the toolkit's bundle. */
  readonly toolkit: string;
  readonly code: string;
}

export interface SandboxOutput {
  /** What the toolkit sent: JSON, or nothing when the program ended itself. */
  readonly stdout: string;
  /** The end of what was printed. */
  readonly stderr: string;
}

const deno = fileURLToPath(new URL('../../../node_modules/@deno/linux-x64-glibc/deno', import.meta.url));

/** @throws RenderTimeout, RenderMemory, RenderOutputTooLarge; the signal's reason when it ends first */
export async function runSandbox(
  directory: string,
  program: SandboxProgram,
  limits: SandboxLimits,
  signal: AbortSignal,
): Promise<SandboxOutput> {
  await mkdir(directory, { recursive: true });
  const folder = await mkdtemp(path.join(directory, 'run-'));
  try {
    await mkdir(path.join(folder, 'empty'));
    await writeFile(path.join(folder, 'app.mjs'), program.code);
    const toolkit = JSON.stringify(pathToFileURL(program.toolkit).href);
    await writeFile(path.join(folder, 'main.mjs'), `import { run } from ${toolkit};\nawait run(() => import('./app.mjs'));\n`);
    signal.throwIfAborted();
    try {
      return await execute(folder, limits, signal);
    } catch (error) {
      const hot = error instanceof StreamSpaceError && ['RenderTimeout', 'RenderMemory'].includes(error.code);
      if (!hot || signal.aborted) throw error;
      // Where it was: asked of a second run, because the first one is not slowed by a debugger.
      const stack = await sampleStack(denoCommand(folder, limits, ['--inspect=127.0.0.1:0']), limits, signal);
      throw new StreamSpaceError(error.code, error.message, { facts: { stack }, cause: error });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function denoCommand(folder: string, limits: SandboxLimits, extra: readonly string[] = []): SandboxCommand {
  const flags = ['--no-remote', '--no-npm', '--no-config', '--no-lock', '--no-prompt', '--no-code-cache', '--seed=1'];
  const heap = `--v8-flags=--max-old-space-size=${limits.heapMb}`;
  return {
    program: deno,
    args: ['run', ...flags, ...extra, heap, path.join(folder, 'main.mjs')],
    cwd: path.join(folder, 'empty'),
    env: { NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
  };
}

async function execute(folder: string, limits: SandboxLimits, signal: AbortSignal): Promise<SandboxOutput> {
  const { stdout, stderr } = await runLimited(denoCommand(folder, limits), limits, signal);
  if (/out of memory|Reached heap limit/i.test(stderr)) throw outOfMemory(limits.heapMb);
  return { stdout: stdout.toString('utf8'), stderr };
}
