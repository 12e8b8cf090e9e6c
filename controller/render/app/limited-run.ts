// Runs one program in a process group of its own, within limits of time, memory and output.
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { killGroup, type SandboxCommand, startSandbox, watchMemory } from './sandbox-process.ts';

export interface ProcessLimits {
  readonly timeMs: number;
  /** Of the whole process. */
  readonly memoryMb: number;
  readonly outputBytes: number;
}

export interface LimitedOutput {
  readonly stdout: Buffer;
  /** The end of what was printed there. */
  readonly stderr: string;
  /** `null`: it was killed. */
  readonly exitCode: number | null;
}

const STDERR_KEPT = 64 * 1024;

/** @throws RenderTimeout, RenderMemory, RenderOutputTooLarge, ToolMissing; the signal's reason when it ends first */
export async function runLimited(command: SandboxCommand, limits: ProcessLimits, signal: AbortSignal): Promise<LimitedOutput> {
  const child = startSandbox(command);
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
  let exitCode: number | null;
  try {
    exitCode = await ended(child, command.program);
  } finally {
    clearTimeout(timer);
    watching.stop();
    signal.removeEventListener('abort', onAbort);
    killGroup(child);
  }
  if (reason !== undefined) throw reason;
  return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8'), exitCode };
}

async function ended(child: ChildProcess, program: string): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new StreamSpaceError('ToolMissing', `${path.basename(program)} cannot be started`, { cause })),
    );
    child.once('close', (code) => resolve(code));
  });
}

export function outOfMemory(megabytes: number): StreamSpaceError {
  return new StreamSpaceError('RenderMemory', `rendering took more than ${megabytes} MB of memory`);
}
