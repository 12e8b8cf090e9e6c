// Runs git as a child: with nothing of our environment and nobody's configuration, without a shell, in a process group of its
// own that is ended as a whole.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { StreamSpaceError } from '../../../schemas/errors.ts';

export interface GitProcessOptions {
  readonly gitdir: string;
  /** Given by environment, so that nothing of it stands in a list of processes. */
  readonly config?: Readonly<Record<string, string>>;
  /** Which transports a fetch or push may use: `http`, `fd`. Default: none. */
  readonly protocol?: string;
  readonly stdio?: SpawnOptions['stdio'];
}

/**
 * A history of a million files must not take the memory or the cores of everybody: windows, caches and threads are bounded.
 * `receive.fsckObjects` stays off: nothing is ever checked out, and old repositories would be refused for harmless dates.
 */
const CONFIG: Readonly<Record<string, string>> = {
  'core.packedGitWindowSize': '32m',
  'core.packedGitLimit': '256m',
  'core.deltaBaseCacheLimit': '64m',
  'core.bigFileThreshold': '32m',
  'core.hooksPath': '/dev/null',
  'pack.threads': '1',
  'pack.windowMemory': '64m',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'fetch.unpackLimit': '1',
  'fetch.writeCommitGraph': 'false',
  'protocol.version': '2',
  'http.followRedirects': 'false',
};

/** Paths in one call: an argument list has an end. */
export const PATHS_AT_ONCE = 200;
const GRACE_MS = 3_000;
const MAX_STDERR = 8_192;

/** @throws ToolMissing when there is no git */
export function startGit(args: readonly string[], options: GitProcessOptions): ChildProcess {
  const config = Object.entries({ ...CONFIG, ...options.config });
  const pairs = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return spawn('git', args, {
    stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
    env: {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      HOME: '/nonexistent',
      GIT_DIR: options.gitdir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: String(config.length),
      ...Object.fromEntries(pairs),
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      GIT_ALLOW_PROTOCOL: options.protocol ?? 'none',
    },
  });
}

export interface GitOutcome {
  readonly code: number | null;
  /** At most 1 MiB. */
  readonly stdout: string;
  /** The last lines of it. */
  readonly stderr: string;
}

/** Waits for the end; an abort ends the whole group, and rejects when it is gone. */
export async function outcomeOf(child: ChildProcess, signal: AbortSignal): Promise<GitOutcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < 1024 ** 2) stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR);
  });
  const stop = (): void => endGroup(child);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = untilEnded(child);
    if (signal.aborted) stop();
    const code = await ended;
    signal.throwIfAborted();
    return { code, stdout, stderr };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function untilEnded(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new StreamSpaceError('ToolMissing', 'git cannot be started', { cause })));
    child.once('close', resolve);
  });
}

/** git takes its half-written files away when it is asked to end; what does not listen is killed. */
export function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null) return;
  const send = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // gone already
    }
  };
  send('SIGTERM');
  const timer = setTimeout(() => send('SIGKILL'), GRACE_MS).unref();
  child.once('close', () => clearTimeout(timer));
}

/** For work on the clone alone. @throws GitReadIncomplete when git does not end well */
export async function runGit(args: readonly string[], options: GitProcessOptions, signal: AbortSignal): Promise<string> {
  const { code, stdout, stderr } = await outcomeOf(startGit(args, options), signal);
  if (code === 0) return stdout;
  throw new StreamSpaceError('GitReadIncomplete', `git ${args[0]} failed: ${lastLine(stderr)}`, { facts: { exitCode: code } });
}

export function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? 'no reason was given').slice(0, 500);
}
