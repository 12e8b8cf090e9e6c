// Runs a program in a network namespace of its own, where the kernel lets us: there is then no network at all.
import { spawn } from 'node:child_process';
import type { SandboxCommand } from './sandbox-process.ts';

const UNSHARE = '/usr/bin/unshare';
/** As root, else in a user namespace where the machine allows those. */
const WAYS = [['--net'], ['--map-root-user', '--net']] as const;

let chosen: Promise<readonly string[] | undefined> | undefined;

/** The command unchanged where there is no way; the answer is found once. */
export async function withoutNetwork(command: SandboxCommand): Promise<SandboxCommand> {
  chosen ??= findWay();
  const way = await chosen;
  return way === undefined ? command : { ...command, program: UNSHARE, args: [...way, '--', command.program, ...command.args] };
}

async function findWay(): Promise<readonly string[] | undefined> {
  for (const way of WAYS) if (await succeeds([...way, '--', '/bin/true'])) return way;
  return undefined;
}

async function succeeds(args: readonly string[]): Promise<boolean> {
  return await new Promise((resolve) => {
    const child = spawn(UNSHARE, args, { stdio: 'ignore', env: {} });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
