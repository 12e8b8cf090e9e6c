// Runs one short program to its end.
import { execFile } from 'node:child_process';
import { StreamSpaceError } from '../../schemas/errors.ts';

/** What our own children get: nothing of the caller's environment but a sane search path. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly input?: string;
}

/** Its standard output. @throws StreamSpaceError `ToolMissing`, or `PartFailed` with the program's own words */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      {
        env: { PATH: PROGRAM_PATH, LC_ALL: 'C.UTF-8' },
        timeout: options.timeoutMs ?? 30_000,
        maxBuffer: MAX_OUTPUT_BYTES,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (options.signal?.aborted === true) reject(options.signal.reason);
        else if (error.code === 'ENOENT') {
          reject(new StreamSpaceError('ToolMissing', `${program} is not installed`, { cause: error }));
        } else {
          const words = stderr.trim().split('\n').at(-1) ?? '';
          const how = error.killed === true ? 'took too long' : `exited with ${error.code}`;
          reject(new StreamSpaceError('PartFailed', `${program} ${args[0] ?? ''} ${how}: ${words}`, { cause: error }));
        }
      },
    );
    child.stdin?.on('error', () => undefined); // the program may end without reading
    child.stdin?.end(options.input ?? '');
  });
}
