// `streamspace break-glass create`: a password for when the identity provider is away, shown once, and the file that the gateway reads.
import { chmod, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { PLATFORM_ADMINS_GROUP } from '../../../schemas/names.ts';
import { createBreakGlass } from '../../../stream-gateway/auth/break-glass/break-glass-file.ts';
import type { CliContext } from '../../command.ts';

interface Flags {
  readonly file: string;
  readonly name: string;
  readonly group?: readonly string[];
  readonly replace?: true;
}

export function registerBreakGlass(program: Command, context: CliContext): void {
  const breakGlass = program.command('break-glass').description('the account for when the identity provider is away');
  breakGlass
    .command('create')
    .description('make a password, shown once, and the file with its hash for the setting break-glass-file')
    .requiredOption('--file <path>', 'where to write the file')
    .option('--name <name>', 'what the account is called: break-glass:NAME', 'admin')
    .option('--group <name...>', `directory groups that it is in (default: ${PLATFORM_ADMINS_GROUP})`)
    .option('--replace', 'in place of one that is there: the old password is worth nothing from then on')
    .action(async (flags: Flags) => {
      const groups = flags.group ?? [PLATFORM_ADMINS_GROUP];
      const { password, file } = await createBreakGlass({ name: flags.name, groups, now: new Date() });
      const path = resolve(context.cwd, flags.file);
      await writeFile(path, `${JSON.stringify(file, null, 2)}\n`, {
        mode: 0o600,
        flag: flags.replace === true ? 'w' : 'wx',
      }).catch((cause: unknown) => {
        throw new StreamSpaceError('UsageInvalid', `${path} cannot be written, or is there already (--replace)`, { cause });
      });
      await chmod(path, 0o600); // of one that was there, too
      context.stderr.write(`wrote ${path}; the password is shown this once:\n`);
      context.stdout.write(`${password}\n`);
    });
}
