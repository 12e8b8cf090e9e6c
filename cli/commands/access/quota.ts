// `streamspace quota`: what is left for me, what quotas there are, and whether something would start.
import { type Command, Option } from 'commander';
import type * as z from 'zod';
import type { Me } from '../../../schemas/api/api.ts';
import type { QuotaRow, quotaView } from '../../../schemas/api/quota.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { LIMIT_NAMES } from '../../../schemas/kinds/quota.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayApi, type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { table, timeText } from '../../table.ts';
import { stateOption } from '../state-option.ts';

type QuotaView = z.infer<typeof quotaView>;

interface Flags extends GatewayOptions {
  readonly team?: string;
  readonly json?: true;
}

interface ExplainFlags extends Flags {
  readonly template: string;
}

export function registerQuota(program: Command, context: CliContext): void {
  const quota = common(
    program.command('quota').description('what quotas leave, whom they limit, and what is missing for a start'),
  )
    .option('--team <name>', 'in this team (default: each of yours)')
    .action((flags: Flags) => left(flags, context));
  common(quota.command('ls').description('the quotas that you may read, with what is in use of each')).action(
    (_flags: Flags, command: Command) => list(flagsOf(command), context),
  );
  common(
    quota.command('show <name>').description('one quota by name or namespace/name: who uses how much, and its overrides'),
  ).action((name: string, _flags: Flags, command: Command) => show(name, flagsOf(command), context));
  common(quota.command('explain').description('whether a session would start; exit code 1: it would not'))
    .requiredOption('--template <name>', 'what to start: name, or namespace/name')
    .option('--team <name>', 'in this team (default: your only one)')
    .action((_flags: ExplainFlags, command: Command) => explain(flagsOf<ExplainFlags>(command), context));
}

/** With those that were written before the name of the command below. */
function flagsOf<T extends Flags>(command: Command): T {
  return command.optsWithGlobals<T>();
}

function common(command: Command): Command {
  return command
    .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .addOption(stateOption())
    .option('--json', 'print the answer as JSON');
}

interface TeamOfMe {
  readonly name: string;
  readonly namespace: string;
}

/** @throws StreamSpaceError `UsageInvalid` for a team that one is not in */
async function teamsOf(api: GatewayApi, team: string | undefined): Promise<readonly TeamOfMe[]> {
  const { teams } = await api.call<Me>('GET', '/me');
  if (team === undefined) return teams;
  const named = teams.filter(({ name }) => name === team);
  if (named.length > 0) return named;
  const names = teams.map(({ name }) => name).join(', ');
  throw new StreamSpaceError(
    'UsageInvalid',
    `--team ${team}: ${names === '' ? 'you are in no team' : `your teams are ${names}`}`,
  );
}

async function left(flags: Flags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const teams = await teamsOf(api, flags.team);
  const answers: ({ readonly team: string } & QuotaView)[] = [];
  for (const { name, namespace } of teams)
    answers.push({ team: name, ...(await api.call<QuotaView>('GET', `/quota?namespace=${encodeURIComponent(namespace)}`)) });
  if (flags.json === true) return void context.stdout.write(`${JSON.stringify(answers, null, 2)}\n`);
  const rows = answers.flatMap(({ team, limits, maxSeconds }) => [
    ...limits.map(({ limit, available, hard, used, scope, quota }) => [team, limit, used, hard, available, `${scope} ${quota}`]),
    ...(maxSeconds === null ? [] : [[team, 'maxDuration', '-', hoursText(maxSeconds), '-', '-']]),
  ]);
  const text = rows.length === 0 ? 'nothing is limited\n' : table([['TEAM', 'LIMIT', 'USED', 'HARD', 'LEFT', 'BY'], ...rows]);
  context.stdout.write(answers.length === 0 ? 'you are in no team\n' : text);
}

async function explain(flags: ExplainFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const teams = await teamsOf(api, flags.team);
  const [team] = teams;
  if (team === undefined || teams.length > 1)
    throw new StreamSpaceError(
      'UsageInvalid',
      `name a team with --team: ${teams.map(({ name }) => name).join(', ') || 'you are in none'}`,
    );
  const query = new URLSearchParams({ namespace: team.namespace, template: flags.template });
  const answer = await api.call<QuotaView>('GET', `/quota?${query}`);
  if (answer.refusal !== null) context.setExitCode(1);
  if (flags.json === true) return void context.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  const verdict =
    answer.refusal === null
      ? `${flags.template} would start in ${team.name}`
      : `${flags.template} would not start: ${answer.refusal.message}`;
  const rows = answer.limits.map(({ limit, used, hard, available, needs, scope, quota }) => [
    ...[limit, used, hard, available, limit === 'cpuHoursPerMonth' ? '-' : needs, `${scope} ${quota}`],
  ]);
  const limits = rows.length === 0 ? '' : `\n${table([['LIMIT', 'USED', 'HARD', 'LEFT', 'NEEDS', 'BY'], ...rows])}`;
  const longest = answer.maxSeconds === null ? '' : `it may run for ${hoursText(answer.maxSeconds)} at a time\n`;
  context.stdout.write(`${verdict}\n${longest}${limits}`);
}

async function rowsOf(flags: Flags, context: CliContext): Promise<readonly QuotaRow[]> {
  const api = await openGatewayApi(flags, context);
  return (await api.call<{ readonly items: readonly QuotaRow[] }>('GET', '/quotas')).items;
}

async function list(flags: Flags, context: CliContext): Promise<void> {
  const rows = await rowsOf(flags, context);
  if (flags.json === true) return void context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  const text = table([
    ['NAMESPACE', 'NAME', 'SCOPE', 'FULLEST', 'WHO', 'STATE', 'OVERRIDES'],
    ...rows.map((row) => [
      ...[row.namespace, row.name, row.scope, percentText(row.places[0]?.percent), row.places[0]?.subject || '-'],
      ...[stateOf(row), String(row.overrides.filter(({ ended }) => !ended).length)],
    ]),
  ]);
  context.stdout.write(rows.length === 0 ? 'there is no quota that you may read\n' : text);
}

async function show(name: string, flags: Flags, context: CliContext): Promise<void> {
  const rows = await rowsOf(flags, context);
  const [row, another] = rows.filter((each) => name === each.name || name === `${each.namespace}/${each.name}`);
  if (row === undefined) throw new StreamSpaceError('NotFound', `there is no quota "${name}" that you may read`);
  if (another !== undefined)
    throw new StreamSpaceError('UsageInvalid', `write ${row.namespace}/${name} or ${another.namespace}/${name}`);
  context.stdout.write(flags.json === true ? `${JSON.stringify(row, null, 2)}\n` : describe(row));
}

function describe(row: QuotaRow): string {
  const { origin } = row;
  const head = [
    `Quota ${row.namespace}/${row.name}, ${row.scope}, ${stateOf(row)}`,
    ...(row.maxDuration === null ? [] : [`a session may run for ${row.maxDuration} at a time`]),
    origin === null
      ? 'not from Git'
      : `from ${origin.gitSync}${origin.file === null ? '' : `, ${origin.file}:${origin.line ?? 1}`}`,
  ];
  const uses = row.places.flatMap(({ subject, percent, used, hard, available }) =>
    LIMIT_NAMES.filter((limit) => hard[limit] !== undefined).map((limit) => [
      ...[subject || row.scope, limit, used[limit] ?? '0', hard[limit] ?? '-', available[limit] ?? '-', percentText(percent)],
    ]),
  );
  const more = row.placesInAll > row.places.length ? `and ${row.placesInAll - row.places.length} more that are less full\n` : '';
  const overrides = row.overrides.map(({ subject, limits, unlimited, maxDuration, expiresAt, ended, reason }) => [
    subject,
    [
      ...LIMIT_NAMES.flatMap((limit) => (limits[limit] === undefined ? [] : [`${limit}=${limits[limit]}`])),
      ...unlimited.map((limit) => `${limit}=unlimited`),
      ...(maxDuration === null ? [] : [`maxDuration=${maxDuration}`]),
    ].join(','),
    `${expiresAt === null ? 'no end' : timeText(expiresAt)}${ended ? ' (over)' : ''}`,
    reason,
  ]);
  return [
    `${head.join('\n')}\n`,
    ...(uses.length === 0 ? [] : ['\n', table([['WHO', 'LIMIT', 'USED', 'HARD', 'LEFT', 'FULLEST'], ...uses]), more]),
    ...(overrides.length === 0 ? [] : ['\n', table([['OVERRIDE FOR', 'LIMITS', 'UNTIL', 'REASON'], ...overrides])]),
  ].join('');
}

function stateOf({ reached, overQuota, nearLimit }: QuotaRow): string {
  if (!reached) return 'limits nothing';
  return overQuota ? 'over' : nearLimit ? 'near' : 'ok';
}

function percentText(percent: number | undefined): string {
  if (percent === undefined) return '-';
  return percent > 1_000 ? '>1000%' : `${percent}%`;
}

function hoursText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return `${hours === 0 ? '' : `${hours}h`}${minutes === 0 && hours > 0 ? '' : `${minutes}m`}`;
}
