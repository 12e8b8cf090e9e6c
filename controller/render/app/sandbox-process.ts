// One process of the sandbox: a group of its own, an empty environment, and an eye on its memory.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';

export interface SandboxCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const MEMORY_LOOK_MS = 100;
const PAGE_BYTES = 4096;

export function startSandbox({ program, args, cwd, env = {} }: SandboxCommand): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, to be killed as one
  });
}

export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** Typed arrays lie outside the heap that V8 limits; the kernel knows what a process really has. */
export function watchMemory(child: ChildProcess, maxMb: number, onExceeded: () => void): { stop(): void } {
  const look = async (): Promise<void> => {
    const statm = await readFile(`/proc/${child.pid}/statm`, 'utf8').catch(() => '');
    const residentMb = (Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES) / 1024 / 1024;
    if (residentMb > maxMb) onExceeded();
  };
  const timer = setInterval(() => void look(), MEMORY_LOOK_MS);
  return { stop: () => clearInterval(timer) };
}
