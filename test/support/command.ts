// Runs programs as a user would: as processes, with their output kept.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Passes what the program writes on to our stderr as well. */
  readonly echo?: true;
}

/** Resolves with the exit code, whatever it is; rejects only when the program cannot be started or takes too long. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (options.echo) process.stderr.write(text);
  });
  child.stdin.on('error', () => undefined); // the program may end without reading
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} ${args.join(' ')} took longer than ${options.timeoutMs} ms\n${stderr.slice(-2000)}`));
    }, options.timeoutMs ?? 120_000);
    child.on('error', reject);
    // `exit` and not `close`: a detached child of the program may keep the pipes open.
    child.on('exit', (code) => {
      clearTimeout(timer);
      setImmediate(() => resolve({ code: code ?? -1, stdout, stderr }));
    });
  });
}

/** `streamspace ARGS`, in a process of its own. */
export function streamspace(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [`${ROOT}cli/streamspace.mjs`, ...args], options);
}

/** As {@link run}, and fails with the program's own words unless it exits with 0. */
export async function must(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${code}: ${stderr || stdout}`);
  return stdout;
}
