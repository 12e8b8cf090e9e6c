// The supervised processes of the installation under test: who they are, and killing one on purpose.
import { readdir, readFile } from 'node:fs/promises';
import { streamspace } from './command.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface PartStatus {
  readonly name: string;
  /** Left out while it does not run. */
  readonly pid?: number;
  readonly state: string;
  readonly restarts: number;
}

export async function partsOf(servers: Servers): Promise<readonly PartStatus[]> {
  const { stdout } = await streamspace(['status', '--json', '--state', servers.stateDir]);
  return (JSON.parse(stdout) as { readonly units: readonly PartStatus[] }).units;
}

export async function partOf(servers: Servers, name: string): Promise<PartStatus> {
  const part = (await partsOf(servers)).find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`the installation has no part called ${name}`);
  return part;
}

/** SIGKILL to that one process; resolves when another one is ready in its place. */
export async function killPart(servers: Servers, name: string): Promise<void> {
  const { pid } = await partOf(servers, name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
  await eventually(
    `${name} is back`,
    async () => {
      const now = await partOf(servers, name);
      return now.pid !== undefined && now.pid !== pid && now.state === 'ready';
    },
    { timeoutMs: 60_000, everyMs: 200 },
  );
}

/** The process and everything below it, parents first (proc(5), stat: the fourth field is the parent). */
async function familyOf(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    // The name stands in brackets and may hold anything, so the fields are counted from the last bracket.
    parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/** Stops a part without ending it (SIGSTOP, children too), as a machine that hangs; disposing lets it go on. */
export async function freezePart(servers: Servers, name: string): Promise<AsyncDisposable> {
  const { pid } = await partOf(servers, name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  const family = await familyOf(pid);
  const signal = (which: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const member of family) {
      try {
        process.kill(member, which);
      } catch {
        // A child that ended meanwhile needs no signal.
      }
    }
  };
  signal('SIGSTOP');
  return {
    [Symbol.asyncDispose]: async () => signal('SIGCONT'),
  };
}
