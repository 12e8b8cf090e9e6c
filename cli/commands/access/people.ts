// `streamspace people`: who there is, what they have open, and how somebody is locked out, signed out or forgotten.
import { type Command, Option } from 'commander';
import type { PersonDetail, PersonList, PersonView } from '../../../schemas/api/people.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { table, timeText } from '../../table.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends GatewayOptions {
  readonly json?: true;
}

interface ListFlags extends Flags {
  readonly search?: string;
  readonly locked?: true;
}

export function registerPeople(program: Command, context: CliContext): void {
  const people = program.command('people').description('list people, lock them out, sign them out, forget them');
  const command = (words: string, description: string): Command =>
    people
      .command(words)
      .description(description)
      .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
      .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
      .addOption(stateOption());

  command('ls', 'list people by name, with what they have open')
    .option('--search <text>', 'part of a name, a displayed name or a group')
    .option('--locked', 'only those who are locked')
    .option('--json', 'print the answer as JSON')
    .action((flags: ListFlags) => list(flags, context));
  command('show <name>', 'one person, with sign-ins and API keys')
    .option('--json', 'print the answer as JSON')
    .action(async (name: string, flags: Flags) => {
      const person = await (await openGatewayApi(flags, context)).call<PersonDetail>('GET', pathOf(name));
      context.stdout.write(flags.json === true ? `${JSON.stringify(person, null, 2)}\n` : describe(person));
    });
  command('lock <name>', 'let a person in no more: no sign-in, no key, no stream')
    .requiredOption('--reason <text>', 'why; it is kept with the lock and in the audit log')
    .action(async (name: string, flags: Flags & { readonly reason: string }) => {
      await (await openGatewayApi(flags, context)).call('PUT', `${pathOf(name)}/lock`, { reason: flags.reason });
      context.stdout.write(`${name} is locked\n`);
    });
  command('unlock <name>', 'let a person in again').action(async (name: string, flags: Flags) => {
    await (await openGatewayApi(flags, context)).call('DELETE', `${pathOf(name)}/lock`);
    context.stdout.write(`${name} is unlocked\n`);
  });
  command('sign-out <name>', 'end every sign-in of a person, with its streams').action(async (name: string, flags: Flags) => {
    const api = await openGatewayApi(flags, context);
    const { ended } = await api.call<{ readonly ended: number }>('DELETE', `${pathOf(name)}/sign-ins`);
    context.stdout.write(`${ended} ${ended === 1 ? 'sign-in' : 'sign-ins'} of ${name} ended\n`);
  });
  command('rm <name>', 'forget a person: sign-ins, API keys and layouts; the audit log stays').action(
    async (name: string, flags: Flags) => {
      await (await openGatewayApi(flags, context)).call('DELETE', pathOf(name));
      context.stdout.write(`${name} is forgotten\n`);
    },
  );
}

function pathOf(name: string): string {
  return `/people/${encodeURIComponent(name)}`;
}

async function list(flags: ListFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const query = new URLSearchParams({ limit: '200' });
  if (flags.search !== undefined) query.set('search', flags.search);
  if (flags.locked === true) query.set('state', 'locked');
  const items: PersonView[] = [];
  for (let more = true; more; ) {
    const page = await api.call<PersonList>('GET', `/people?${query}`);
    items.push(...page.items);
    more = page.metadata.continue !== undefined;
    query.set('continue', page.metadata.continue ?? '');
  }
  const text = table([
    ['NAME', 'DISPLAYED AS', 'TEAMS', 'LAST SIGN-IN', 'SIGN-INS', 'KEYS', 'STATE'],
    ...items.map((person) => [
      ...[person.name, person.displayName, person.teams.join(','), whenOf(person)],
      ...[String(person.signIns), String(person.apiKeys), person.lock === null ? 'active' : 'locked'],
    ]),
  ]);
  context.stdout.write(flags.json === true ? `${JSON.stringify(items, null, 2)}\n` : text);
}

function whenOf({ lastSignInAt }: PersonView): string {
  return lastSignInAt === null ? 'never' : timeText(lastSignInAt);
}

function describe(person: PersonDetail): string {
  const { lock } = person;
  const head = [
    `${person.name} (${person.displayName}), ${lock === null ? 'active' : `locked by ${lock.by} at ${timeText(lock.at)}: ${lock.reason}`}`,
    `groups: ${person.groups.join(', ') || 'none'}`,
    `teams: ${person.teams.join(', ') || 'none'}`,
    `last sign-in: ${whenOf(person)}`,
  ];
  const signIns = person.signInItems.map((each) => [
    each.browser ?? '-',
    each.address ?? '-',
    timeText(each.since),
    timeText(each.lastSeenAt),
  ]);
  const keys = person.apiKeyItems.map((key) => [
    ...[key.prefix, key.name, timeText(key.expiresAt), key.lastUsedAt === null ? 'never' : timeText(key.lastUsedAt)],
  ]);
  return [
    `${head.join('\n')}\n`,
    ...(signIns.length === 0 ? [] : ['\n', table([['BROWSER', 'ADDRESS', 'SINCE', 'LAST SEEN'], ...signIns])]),
    ...(keys.length === 0 ? [] : ['\n', table([['KEY', 'NAME', 'EXPIRES', 'LAST USED'], ...keys])]),
  ].join('');
}
