// `streamspace audit ls`: the newest events that a search finds as a table, or all of them as CSV or JSON lines.
import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type * as z from 'zod';
import type { auditList } from '../../../schemas/api/api.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayApi, type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { table, timeText } from '../../table.ts';
import { stateOption } from '../state-option.ts';

interface ListFlags extends GatewayOptions {
  readonly query: string;
  readonly limit: number;
  readonly json?: true;
  readonly csv?: true;
}

const MOST = 200;

export function registerAuditList(audit: Command, context: CliContext): void {
  audit
    .command('ls')
    .description('list what happened, newest first')
    .addOption(stateOption())
    .option('--query <search>', 'such as "actor:ann action:session.* result:denied since:2d" (default: everything)', '')
    .option('--limit <count>', `rows of the table, up to ${MOST}`, count, 50)
    .option('--as <person>', 'a person of the local installation (default: admin)')
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .addOption(new Option('--json', 'print all that is found as JSON, an event a line').conflicts('csv'))
    .addOption(new Option('--csv', 'print all that is found as CSV'))
    .action((flags: ListFlags) => list(flags, context));
}

function count(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MOST) throw new InvalidArgumentError(`write a number from 1 to ${MOST}`);
  return number;
}

async function list(flags: ListFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  if (flags.json === true || flags.csv === true) return await printAll(api, flags, context);
  const search = new URLSearchParams({ q: flags.query, limit: String(flags.limit) });
  const { items, metadata } = await api.call<z.infer<typeof auditList>>('GET', `/audit?${search}`);
  const rows = items.map(({ at, actor, type, result, object }) => [timeText(at), actor ?? '-', type, result, object ?? '-']);
  context.stdout.write(table([['TIME', 'ACTOR', 'ACTION', 'RESULT', 'OBJECT'], ...rows]));
  if (metadata.continue !== undefined) context.stderr.write(`There are more: --csv and --json give all of them.\n`);
}

async function printAll(api: GatewayApi, { query, json }: ListFlags, { stdout, signal }: CliContext): Promise<void> {
  const search = new URLSearchParams({ q: query, format: json === true ? 'jsonl' : 'csv' });
  for await (const chunk of api.bytes(`/audit/export?${search}`))
    if (!stdout.write(chunk)) await once(stdout, 'drain', { signal });
}
