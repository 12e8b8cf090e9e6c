// Runs a bundle in Deno without any permission, in a process group of its own, within limits of time, memory and output.
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { killGroup, type SandboxCommand, startSandbox, watchMemory } from './sandbox-process.ts';
import { sampleStack } from './sandbox-stack.ts';

export interface SandboxLimits {
  readonly timeMs: number;
  /** A second fence: V8 spends long in collecting before it gives up. */
  readonly heapMb: number;
  /** Of the whole process, so that what lies outside the heap counts too. */
  readonly memoryMb: number;
  readonly outputBytes: number;
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

const deno = fileURLToPath(new URL('../../node_modules/@deno/linux-x64-glibc/deno', import.meta.url));
const STDERR_KEPT = 64 * 1024;

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
  };
}

async function execute(folder: string, limits: SandboxLimits, signal: AbortSignal): Promise<SandboxOutput> {
  const child = startSandbox(denoCommand(folder, limits));
  let reason: unknown;
  const stop = (why: unknown): void => {
    reason ??= why;
    killGroup(child);
  };
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const seconds = limits.timeMs / 1000;
  const timer = setTimeout(
    () => stop(new StreamSpaceError('RenderTimeout', `rendering took longer than ${seconds} s`)),
    limits.timeMs,
  );
  const watching = watchMemory(child, limits.memoryMb, () => stop(outOfMemory(limits.memoryMb)));
  let bytes = 0;
  const output = (chunks: Buffer[], keep: number) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > 2 * limits.outputBytes)
      stop(new StreamSpaceError('RenderOutputTooLarge', `it prints more than ${limits.outputBytes / 1024 / 1024} MiB`));
    chunks.push(chunk);
    while (chunks.length > 1 && chunks.reduce((sum, each) => sum + each.length, 0) - (chunks[0]?.length ?? 0) > keep)
      chunks.shift();
  };
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', output(stdout, Number.POSITIVE_INFINITY));
  child.stderr.on('data', output(stderr, STDERR_KEPT));
  try {
    await ended(child);
  } finally {
    clearTimeout(timer);
    watching.stop();
    signal.removeEventListener('abort', onAbort);
    killGroup(child);
  }
  if (reason !== undefined) throw reason;
  const errors = Buffer.concat(stderr).toString('utf8');
  if (/out of memory|Reached heap limit/i.test(errors)) throw outOfMemory(limits.heapMb);
  return { stdout: Buffer.concat(stdout).toString('utf8'), stderr: errors };
}

async function ended(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new StreamSpaceError('ToolMissing', 'Deno cannot be started', { cause })));
    child.once('close', () => resolve());
  });
}

function outOfMemory(megabytes: number): StreamSpaceError {
  return new StreamSpaceError('RenderMemory', `rendering took more than ${megabytes} MB of memory`);
}
