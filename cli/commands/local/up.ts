// `streamspace up`: everything on this machine, with one command.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { LocalJson } from '../../../local/state/local-json.ts';
import { statePaths } from '../../../local/state/state.ts';
import { stay, type UpOptions, up } from '../../../local/up.ts';
import { ERRORS } from '../../../schemas/errors.ts';
import type { CliContext } from '../../command.ts';
import { foldersOf, type StateOption, stateOption } from '../state-option.ts';

interface UpFlags extends StateOption {
  readonly port?: number;
  readonly kubeconfig?: string;
  readonly detach?: true;
  readonly json?: true;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('write a port from 1 to 65535');
  return port;
}

export function registerUp(program: Command, context: CliContext): void {
  program
    .command('up')
    .description('start everything on this machine and say where it answers')
    .addOption(stateOption())
    .option('--port <number>', 'port of the page on 127.0.0.1 (default: 8080, later the one before)', parsePort)
    .option('--kubeconfig <file>', 'use this cluster instead of a local one; then root is not needed')
    .option('--detach', 'return once everything is ready')
    .option('--json', 'print the content of local.json, and nothing else, on stdout')
    .action(async (flags: UpFlags) => {
      const options: UpOptions = {
        ...foldersOf(flags, context),
        port: flags.port,
        kubeconfig: flags.kubeconfig === undefined ? undefined : resolve(context.cwd, flags.kubeconfig),
        databaseUrl: context.env['DATABASE_URL'],
        home: context.env['HOME'] ?? '/root',
        report: (line) => context.stderr.write(`${line}\n`),
        signal: context.signal,
        startedAt: performance.now(),
      };
      const { local, wasRunning } = await up(options);
      const localJson = statePaths(options.stateDir).localJson;
      if (flags.json === true) context.stdout.write(`${JSON.stringify({ ...local, localJson }, null, 2)}\n`);
      else context.stdout.write(answerText(local, localJson, flags.detach === true || wasRunning));
      if (flags.detach !== true && !wasRunning) await stay(options);
    });
}

/** What a person needs next: the address, with what to sign in, the repository, and how to stop. */
function answerText(local: LocalJson, localJson: string, returns: boolean): string {
  const width = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
  const names = width(local.people.map(({ name }) => name));
  const roles = width(local.people.map(({ role }) => role));
  const people = local.people.map(({ name, role, password }) => `  ${name.padEnd(names)}  ${role.padEnd(roles)}  ${password}\n`);
  const findings = local.findings.map(({ code, message }) => `note ${code}: ${message}\n  remedy: ${ERRORS[code].remedy}\n`);
  return [
    `\nStreamSpace answers at ${local.url}\n`,
    '\nSign in as (name, role, password):\n',
    ...people,
    `\nGit          ${local.git.url} (branch ${local.git.branch}; the same names and passwords, admin and lead push)\n`,
    `kubeconfig   ${local.kubeconfig}\n`,
    `all of it    ${localJson}\n\n`,
    ...findings,
    returns
      ? '\nIt goes on in the background; `streamspace down` stops it and keeps the data.\n'
      : '\nCtrl+C stops it and keeps the data.\n',
  ].join('');
}
