// `streamspace status`: what runs, since when, and what went wrong last.
import type { Command } from 'commander';
import { readLocalJson } from '../../../local/state/local-json.ts';
import { statePaths } from '../../../local/state/state.ts';
import { readRunningStatus, type SupervisorStatus, type UnitStatus } from '../../../local/supervisor/status.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CliContext } from '../../command.ts';
import { foldersOf, type StateOption, stateOption } from '../state-option.ts';

interface StatusFlags extends StateOption {
  readonly json?: true;
}

export function registerStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('show each part of the running installation')
    .addOption(stateOption())
    .option('--json', 'print the same as JSON')
    .action(async (flags: StatusFlags) => {
      const { stateDir } = foldersOf(flags, context);
      const paths = statePaths(stateDir);
      const status = await readRunningStatus(paths.status);
      if (status === undefined) throw new StreamSpaceError('NotRunning', `nothing runs (state folder ${stateDir})`);
      const url = (await readLocalJson(paths.localJson).catch(() => undefined))?.url;
      if (flags.json === true)
        context.stdout.write(`${JSON.stringify({ url, stateDir, localJson: paths.localJson, ...status }, null, 2)}\n`);
      else context.stdout.write(table(status, { url, localJson: paths.localJson }, Date.now()));
      // A program that asks whether all is well wants the answer in the exit code.
      if (status.state !== 'ready' || status.units.some(({ state }) => state !== 'ready' && state !== 'done'))
        context.setExitCode(1);
    });
}

interface Where {
  readonly url: string | undefined;
  readonly localJson: string;
}

function table(status: SupervisorStatus, { url, localJson }: Where, nowMs: number): string {
  const rows = status.units.map((unit) => [
    unit.name,
    unit.state,
    age(unit, nowMs),
    unit.pid === undefined ? '' : String(unit.pid),
    unit.kind === 'part' ? String(unit.restarts) : '',
    unit.log ?? '',
  ]);
  const all = [['NAME', 'STATE', 'SINCE', 'PID', 'RESTARTS', 'LOG'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const errors = status.units.flatMap(({ name, lastError }) => (lastError === undefined ? [] : [`${name}: ${lastError}`]));
  const head = `${status.state}${url === undefined ? '' : ` at ${url}`} (supervisor ${status.pid})`;
  return [
    head,
    `passwords, keys and addresses: ${localJson}`,
    '',
    ...lines,
    ...(errors.length === 0 ? [] : ['', ...errors]),
    '',
  ].join('\n');
}

function age({ since }: UnitStatus, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
