// Runs the programs of the set-up: their output goes to a log file, or to the terminal.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly signal: AbortSignal;
  /** Where its output is appended; left out: the terminal. */
  readonly log?: string;
}

/** Resolves with the exit code, 127 when there is no such program. Aborting ends it and rejects with the signal's reason. */
export async function exitCodeOf(program: string, args: readonly string[], options: ProgramOptions): Promise<number> {
  if (options.log !== undefined) await mkdir(dirname(options.log), { recursive: true });
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        env: options.env,
        stdio: log === undefined ? 'inherit' : ['ignore', log, log],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
      const stop = (): void => {
        child.kill('SIGTERM');
      };
      options.signal.addEventListener('abort', stop, { once: true });
      child.on('error', (error) => {
        if ('code' in error && error.code === 'ENOENT') resolve(127);
        else reject(error);
      });
      child.on('exit', (code) => {
        options.signal.removeEventListener('abort', stop);
        // What was told to stop says by its exit code how it went; the terminal's owner wants that one.
        if (options.signal.aborted && log !== undefined) reject(options.signal.reason);
        else resolve(code ?? 1);
      });
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}
