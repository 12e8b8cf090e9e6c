// `streamspace down`: stops the installation on this machine.
import type { Command } from 'commander';
import { down } from '../../../local/down.ts';
import type { CliContext } from '../../command.ts';
import { foldersOf, type StateOption, stateOption } from '../state-option.ts';

interface DownFlags extends StateOption {
  readonly purge?: true;
}

export function registerDown(program: Command, context: CliContext): void {
  program
    .command('down')
    .description('stop everything in order; the data is kept')
    .addOption(stateOption())
    .option('--purge', 'delete the data too, and check that no process, mount, interface, rule or file is left')
    .action(async (flags: DownFlags) => {
      const { stateDir } = foldersOf(flags, context);
      const purge = flags.purge === true;
      const ran = await down({ stateDir, purge, report: (line) => context.stderr.write(`${line}\n`) });
      const what = ran ? 'stopped' : 'nothing was running';
      context.stdout.write(`${what}; ${purge ? 'nothing is left' : `the data is kept in ${stateDir}`}\n`);
    });
}
