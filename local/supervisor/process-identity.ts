// Who a process is: a pid alone may have been given to somebody else, pid and start time within one boot may not.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** State letter and start time of a line of /proc/PID/stat. The name in parentheses may hold anything, so parse from its end. */
export function parseStat(stat: string): { readonly state: string; readonly startTicks: string } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

async function statOf(pid: number): Promise<{ readonly state: string; readonly startTicks: string } | undefined> {
  return parseStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** `undefined`: no such process, or a zombie. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await statOf(pid);
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  return { pid, startTicks: stat.startTicks, bootId: await bootId() };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** A process or group (a negative pid) that is gone is no error: it may end at any moment. */
function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Kills what is left of the process group that `pid` led: its helpers. */
export function killGroup(pid: number): void {
  send(-pid, 'SIGKILL');
}

/** Asks, waits, then kills. Resolves once the process is gone. Never touches a pid that was given to somebody else. */
export async function endProcess(
  identity: ProcessIdentity,
  options: { readonly signal: NodeJS.Signals; readonly timeoutMs: number },
): Promise<void> {
  if (!(await isAlive(identity))) return;
  send(identity.pid, options.signal);
  const until = performance.now() + options.timeoutMs;
  while (await isAlive(identity)) {
    if (performance.now() > until) send(identity.pid, 'SIGKILL');
    await sleep(20);
  }
}

/** In the environment of every part, with the state folder as its value: helpers inherit it, and nobody else has it. */
export const PART_OF_VARIABLE = 'STREAMSPACE_PART_OF';

export interface ProcessFacts extends ProcessIdentity {
  /** Arguments joined by NUL, as the kernel gives them. */
  readonly commandLine: string;
  readonly cwd: string | undefined;
  /** The value of {@link PART_OF_VARIABLE}. */
  readonly partOf: string | undefined;
}

/** Every process that we may read; those that end meanwhile are left out. */
export async function listProcesses(): Promise<readonly ProcessFacts[]> {
  const boot = await bootId();
  const found: ProcessFacts[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const pid = Number(entry);
    const stat = await statOf(pid);
    if (stat === undefined || stat.state === 'Z') continue;
    const [commandLine, environment, cwd] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    ]);
    found.push({ pid, startTicks: stat.startTicks, bootId: boot, commandLine, cwd, partOf: partOf(environment) });
  }
  return found;
}

function partOf(environment: string): string | undefined {
  const prefix = `${PART_OF_VARIABLE}=`;
  return environment
    .split('\0')
    .find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length);
}
