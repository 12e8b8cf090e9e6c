// The `streamspace` command: wiring and the one place that prints errors.
import { Command, CommanderError } from 'commander';
import { formatPosition, StreamSpaceError } from '../schemas/errors.ts';
import type { CliContext, Register } from './command.ts';
import { registerAccess } from './commands/access/access.ts';
import { registerAudit } from './commands/access/audit.ts';
import { registerBreakGlass } from './commands/access/break-glass.ts';
import { registerKeys } from './commands/access/keys.ts';
import { registerMachines } from './commands/access/machines.ts';
import { registerPeople } from './commands/access/people.ts';
import { registerQuota } from './commands/access/quota.ts';
import { registerChanges } from './commands/git/changes.ts';
import { registerDiff } from './commands/git/diff.ts';
import { registerExplain } from './commands/git/explain.ts';
import { registerHistory } from './commands/git/history.ts';
import { registerInit } from './commands/git/init.ts';
import { registerInventory } from './commands/git/inventory.ts';
import { registerPlan } from './commands/git/plan.ts';
import { registerPolicy } from './commands/git/policy.ts';
import { registerRender } from './commands/git/render.ts';
import { registerSuspend } from './commands/git/suspend.ts';
import { registerSync } from './commands/git/sync.ts';
import { registerTree } from './commands/git/tree.ts';
import { registerValidate } from './commands/git/validate.ts';
import { registerDown } from './commands/local/down.ts';
import { registerHealth } from './commands/local/health.ts';
import { registerInstall } from './commands/local/install.ts';
import { registerStatus } from './commands/local/status.ts';
import { registerUp } from './commands/local/up.ts';
import { registerRecordings } from './commands/sessions/recordings.ts';
import { registerSessions } from './commands/sessions/sessions.ts';

/** One line for people: code, place, words, remedy. No stack trace. */
function describeError(error: unknown): string {
  if (error instanceof StreamSpaceError) {
    const place = error.position === undefined ? '' : `${formatPosition(error.position)}: `;
    return `error ${error.code}: ${place}${error.message}\n  remedy: ${error.entry.remedy}\n`;
  }
  return `error Internal: ${error instanceof Error ? error.message : String(error)}\n`;
}

async function main(argv: readonly string[], commands: readonly Register[]): Promise<number> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => stopping.abort(new StreamSpaceError('ShuttingDown', `stopped by ${name}`)));
  }
  // `| head` closes the pipe when it has enough; that is no failure.
  process.stdout.on('error', (error) => process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1));
  let exitCode = 0;
  const context: CliContext = {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal: stopping.signal,
    color: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  const program = new Command('streamspace')
    .description('Container desktops in the browser, run from Git.')
    .showHelpAfterError()
    .exitOverride();
  for (const register of commands) register(program, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(describeError(error));
    return error instanceof StreamSpaceError && error.code === 'UsageInvalid' ? 2 : 1;
  }
}

const commands: readonly Register[] = [
  registerUp,
  registerDown,
  registerStatus,
  registerInstall,
  registerInit,
  registerRender,
  registerValidate,
  registerPlan,
  registerSync,
  registerDiff,
  registerHistory,
  registerTree,
  registerExplain,
  registerSuspend,
  registerInventory,
  registerSessions,
  registerQuota,
  registerRecordings,
  registerAudit,
  registerAccess,
  registerPeople,
  registerKeys,
  registerMachines,
  registerChanges,
  registerBreakGlass,
  registerPolicy,
  registerHealth,
];

process.exitCode = await main(process.argv.slice(2), commands);
