// `streamspace machines`: the machines of a team, and their API keys. Which machines there are stands in the Team, in Git.
import type { Command } from 'commander';
import type { MachineList, MachineView } from '../../../schemas/api/machines.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CliContext } from '../../command.ts';
import { openGatewayApi } from '../../gateway-api.ts';
import { keysText } from '../../keys-text.ts';
import { table } from '../../table.ts';
import {
  type CreateFlags,
  createKey,
  type KeyFlags,
  type RotateFlags,
  revokeKey,
  rotateKey,
  withCreation,
  withPlace,
  withRotation,
} from './keys.ts';

export function registerMachines(program: Command, context: CliContext): void {
  const machines = program.command('machines').description('list the machines of a team, and look after their API keys');
  withPlace(machines.command('ls <team>').description('list the machines of a team')).action((team: string, flags: KeyFlags) =>
    list(team, flags, context),
  );
  const keys = machines.command('keys').description('list API keys of a machine, make, replace and revoke them');
  const command = (words: string, description: string): Command => withPlace(keys.command(words).description(description));
  command('ls <team> <machine>', 'list the keys of a machine').action((team: string, machine: string, flags: KeyFlags) =>
    listKeysOf(team, machine, flags, context),
  );
  withCreation(command('create <team> <machine> <name>', 'make a key for a machine; it is printed once')).action(
    (team: string, machine: string, name: string, flags: CreateFlags) => createKey(name, flags, context, keysOf(team, machine)),
  );
  withRotation(command('rotate <team> <machine> <id>', 'replace a key of a machine; the new one is printed once')).action(
    (team: string, machine: string, id: string, flags: RotateFlags) => rotateKey(id, flags, context, keysOf(team, machine)),
  );
  command('revoke <team> <machine> <id>', 'end a key of a machine at once').action(
    (team: string, machine: string, id: string, flags: KeyFlags) => revokeKey(id, flags, context, keysOf(team, machine)),
  );
}

function machinesOf(team: string): string {
  return `/teams/${encodeURIComponent(team)}/machines`;
}

function keysOf(team: string, machine: string): string {
  return `${machinesOf(team)}/${encodeURIComponent(machine)}/api-keys`;
}

async function list(team: string, flags: KeyFlags, context: CliContext): Promise<void> {
  const { items } = await (await openGatewayApi(flags, context)).call<MachineList>('GET', machinesOf(team));
  const rows = items.map(({ name, user, role, serviceAccount, apiKeys, description }: MachineView) => [
    ...[name, user, role, serviceAccount, String(apiKeys.length), description ?? ''],
  ]);
  const text = table([['NAME', 'USER', 'ROLE', 'SERVICE ACCOUNT', 'KEYS', 'FOR'], ...rows]);
  context.stdout.write(flags.json === true ? `${JSON.stringify(items, null, 2)}\n` : text);
}

async function listKeysOf(team: string, machine: string, flags: KeyFlags, context: CliContext): Promise<void> {
  const { items } = await (await openGatewayApi(flags, context)).call<MachineList>('GET', machinesOf(team));
  const found = items.find(({ name }) => name === machine);
  if (found === undefined)
    throw new StreamSpaceError(
      'NotFound',
      `team ${team} has no machine "${machine}": there are ${items.map(({ name }) => name).join(', ') || 'none'}`,
    );
  const text = keysText(found.apiKeys, Date.now());
  context.stdout.write(flags.json === true ? `${JSON.stringify(found.apiKeys, null, 2)}\n` : text);
}
