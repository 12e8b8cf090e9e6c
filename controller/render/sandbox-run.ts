// Runs a bundle in Deno without any permission, in a process group of its own, within limits of time, memory and output.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StreamSpaceError } from '../../schemas/errors.ts';

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
  readonly directory: string;
}

const deno = fileURLToPath(new URL('../../node_modules/@deno/linux-x64-glibc/deno', import.meta.url));
const MEMORY_LOOK_MS = 100;
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
    return { ...(await execute(folder, limits, signal)), directory: folder };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function execute(folder: string, limits: SandboxLimits, signal: AbortSignal): Promise<Omit<SandboxOutput, 'directory'>> {
  const flags = ['--no-remote', '--no-npm', '--no-config', '--no-lock', '--no-prompt', '--no-code-cache', '--quiet', '--seed=1'];
  const child = spawn(
    deno,
    ['run', ...flags, `--v8-flags=--max-old-space-size=${limits.heapMb}`, path.join(folder, 'main.mjs')],
    {
      cwd: path.join(folder, 'empty'),
      env: { NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, to be killed as one
    },
  );
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
  const watching = watchMemory(child, limits, stop);
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

/** Typed arrays lie outside the heap that V8 limits; the kernel knows what a process really has. */
function watchMemory(child: ChildProcess, limits: SandboxLimits, stop: (why: unknown) => void): { stop(): void } {
  const look = async (): Promise<void> => {
    const statm = await readFile(`/proc/${child.pid}/statm`, 'utf8').catch(() => '');
    const residentMb = (Number(statm.split(' ')[1] ?? 0) * 4096) / 1024 / 1024;
    if (residentMb > limits.memoryMb) stop(outOfMemory(limits.memoryMb));
  };
  const timer = setInterval(() => void look(), MEMORY_LOOK_MS);
  return { stop: () => clearInterval(timer) };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
