// `streamspace keys`: one's own API keys: made, replaced with the same rights, revoked.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import {
  type ApiKeyRotated,
  type ApiKeyScope,
  type ApiKeyView,
  apiKeyCreate,
  type apiKeyCreated,
  apiKeyScope,
} from '../../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { keysText } from '../../keys-text.ts';
import { stateOption } from '../state-option.ts';

export interface KeyFlags extends GatewayOptions {
  readonly json?: true;
}

export interface CreateFlags extends KeyFlags {
  readonly days?: number;
  readonly scope?: readonly string[];
  readonly from?: readonly string[];
}

export interface RotateFlags extends KeyFlags {
  readonly days?: number;
  readonly grace?: number;
}

type Created = z.infer<typeof apiKeyCreated>;

const MINE = '/me/api-keys';

export function registerKeys(program: Command, context: CliContext): void {
  const keys = program.command('keys').description("list one's API keys, make, replace and revoke them");
  const command = (words: string, description: string): Command => withPlace(keys.command(words).description(description));
  command('ls', 'list the keys, newest first, with what ends soon').action((flags: KeyFlags) => listKeys(flags, context, MINE));
  withCreation(command('create <name>', 'make a key; it is printed once')).action((name: string, flags: CreateFlags) =>
    createKey(name, flags, context, MINE),
  );
  withRotation(command('rotate <id>', 'replace a key by one with the same name and rights; it is printed once')).action(
    (id: string, flags: RotateFlags) => rotateKey(id, flags, context, MINE),
  );
  command('revoke <id>', 'end a key at once').action((id: string, flags: KeyFlags) => revokeKey(id, flags, context, MINE));
}

export function withPlace(command: Command): Command {
  return command
    .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY or the file STREAMSPACE_API_KEY_FILE')
    .option('--json', 'print the answer as JSON')
    .addOption(stateOption());
}

export function withCreation(command: Command): Command {
  return command
    .option('--days <count>', 'how long it lasts (default: 90, or less where a policy says so)', wholeNumber(1, 365))
    .option('--scope <scope...>', 'what it may do, such as sessions:write (default: everything that its owner may)')
    .option('--from <address...>', 'addresses and ranges that it may be used from (default: everywhere)');
}

export function withRotation(command: Command): Command {
  return command
    .option('--days <count>', 'how long the new one lasts (default: as long as the old one was made for)', wholeNumber(1, 365))
    .option('--grace <hours>', 'how long the old one goes on, 0 to 168 (default: 24)', wholeNumber(0, 168));
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,4}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`write a whole number from ${min} to ${max}`);
  };
}

export async function listKeys(flags: KeyFlags, context: CliContext, path: string): Promise<void> {
  const { items } = await (await openGatewayApi(flags, context)).call<{ readonly items: readonly ApiKeyView[] }>('GET', path);
  context.stdout.write(flags.json === true ? `${JSON.stringify(items, null, 2)}\n` : keysText(items, Date.now()));
}

/** The key alone on stdout, so that it can be piped to where it belongs. */
export async function createKey(name: string, flags: CreateFlags, context: CliContext, path: string): Promise<void> {
  const scopes = flags.scope?.map(scopeOf);
  const body = apiKeyCreate.safeParse({ name, expiresInDays: flags.days, scopes, addresses: flags.from });
  if (!body.success)
    throw new StreamSpaceError(
      'UsageInvalid',
      body.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '),
    );
  const made = await (await openGatewayApi(flags, context)).call<Created>('POST', path, body.data);
  if (flags.json === true) return void context.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
  context.stderr.write(`key ${made.id} lasts until ${made.expiresAt}; it is not shown again\n`);
  context.stdout.write(`${made.key}\n`);
}

export async function rotateKey(id: string, flags: RotateFlags, context: CliContext, path: string): Promise<void> {
  const body = {
    ...(flags.days === undefined ? {} : { expiresInDays: flags.days }),
    ...(flags.grace === undefined ? {} : { graceHours: flags.grace }),
  };
  const api = await openGatewayApi(flags, context);
  const made = await api.call<ApiKeyRotated>('POST', `${path}/${encodeURIComponent(id)}/rotate`, body);
  if (flags.json === true) return void context.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
  context.stderr.write(`key ${made.id} lasts until ${made.expiresAt}, key ${id} until ${made.oldExpiresAt}\n`);
  context.stdout.write(`${made.key}\n`);
}

export async function revokeKey(id: string, flags: KeyFlags, context: CliContext, path: string): Promise<void> {
  await (await openGatewayApi(flags, context)).call('DELETE', `${path}/${encodeURIComponent(id)}`);
  context.stdout.write(flags.json === true ? `${JSON.stringify({ revoked: id })}\n` : `key ${id} is revoked\n`);
}

function scopeOf(text: string): ApiKeyScope {
  const scope = apiKeyScope.safeParse(text);
  if (scope.success) return scope.data;
  throw new StreamSpaceError('UsageInvalid', `--scope ${text}: the scopes are ${apiKeyScope.options.join(', ')}`);
}
