// `streamspace history`: who synced what, when, and how it ended.
import { InvalidArgumentError } from 'commander';
import type { SyncView } from '../../../schemas/api/syncs.ts';
import type { Register } from '../../command.ts';
import { openGatewayApi } from '../../gateway-api.ts';
import { type SyncFlags, syncNameOf, syncOptions, syncPath } from '../../sync-address.ts';
import { table, timeText } from '../../table.ts';

interface Flags extends SyncFlags {
  readonly limit: number;
}

export const registerHistory: Register = (program, context) => {
  syncOptions(
    program.command('history [name]').description('what a GitSync has done: who, when, which revision, what came of it'),
  )
    .option('--limit <rows>', 'how many, newest first (1 to 200)', rows, 20)
    .action(async (name: string | undefined, flags: Flags) => {
      const api = await openGatewayApi(flags, context);
      const path = syncPath(flags.namespace, await syncNameOf(api, name, flags.namespace));
      const { items } = await api.call<{ readonly items: readonly SyncView[] }>('GET', `${path}/history?limit=${flags.limit}`);
      context.stdout.write(flags.json === true ? `${JSON.stringify(items, null, 2)}\n` : describe(items));
    });
};

function rows(text: string): number {
  const count = Number(text);
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > 200) throw new InvalidArgumentError('write a whole number from 1 to 200');
  return count;
}

function describe(items: readonly SyncView[]): string {
  if (items.length === 0) return 'nothing yet\n';
  return table([
    ['STARTED', 'REVISION', 'RESULT', 'TRIGGER', 'BY', 'WRITTEN', 'DELETED', 'COMMIT'],
    ...items.map((each) => [
      timeText(each.startedAt),
      each.revision?.slice(0, 12) ?? '-',
      `${each.code ?? each.result}${each.attempts > 1 ? ` (${each.attempts} times)` : ''}`,
      each.trigger,
      byWhom(each),
      String(each.written),
      String(each.deleted),
      each.message === null ? '' : `${each.author ?? ''}: ${each.message}`.slice(0, 80),
    ]),
  ]);
}

function byWhom({ requestedBy, requestedByVerified }: SyncView): string {
  if (requestedBy === null) return '-';
  return requestedByVerified ? requestedBy : `${requestedBy} (not verified)`;
}
