// `streamspace explain OBJECT`: which commit, file and line an object comes from, who wrote it, and who else writes to it.
import type { ObjectExplanation } from '../../../schemas/api/syncs.ts';
import type { Register } from '../../command.ts';
import { openGatewayApi } from '../../gateway-api.ts';
import { objectPathOf, type SyncFlags, syncNameOf, syncOptions, syncPath } from '../../sync-address.ts';
import { findNode } from '../../sync-tree.ts';
import { table, timeText } from '../../table.ts';

interface Flags extends SyncFlags {
  readonly sync?: string;
}

export const registerExplain: Register = (program, context) => {
  syncOptions(
    program.command('explain <object>').description('where an object comes from: commit, file, line, who (KIND/NAMESPACE/NAME)'),
  )
    .option('--sync <name>', 'the GitSync (default: the only one of the namespace)')
    .action(async (object: string, flags: Flags) => {
      const api = await openGatewayApi(flags, context);
      const path = syncPath(flags.namespace, await syncNameOf(api, flags.sync, flags.namespace));
      const node = await findNode(api, path, object);
      const found = await api.call<ObjectExplanation>('GET', `${path}${objectPathOf(node)}`);
      context.stdout.write(flags.json === true ? `${JSON.stringify(found, null, 2)}\n` : describe(found));
    });
};

function describe(found: ObjectExplanation): string {
  const { commit, managers } = found;
  const place = found.file === null ? 'not known' : `${found.file}${found.line === null ? '' : `:${found.line}`}`;
  const who = commit === null ? 'not known' : `${commit.author}: ${commit.message}`;
  const facts = [
    ['Object', found.object],
    ['GitSync', `${found.gitSync}, at ${found.applied?.slice(0, 12) ?? 'no revision yet'}`],
    ['Repository', found.url],
    ['File', found.document === null ? place : `${place} (document ${found.document})`],
    ...(found.unit === null ? [] : [['Unit', found.unit]]),
    ['Commit', commit === null ? 'not known' : commit.revision],
    ['By', commit?.time == null ? who : `${who} (${timeText(commit.time)})`],
    ['Changed', `${timeText(found.changedAt)}, by the sync of ${found.revision?.slice(0, 12) ?? '-'}`],
    ['Health', found.message === '' ? found.health : `${found.health}: ${found.message}`],
    ...(managers ?? []).map(({ manager, operation, subresource, time }) => [
      'Written by',
      `${manager} (${operation}${subresource === null ? '' : ` of ${subresource}`}${time === null ? '' : `, ${timeText(time)}`})`,
    ]),
  ];
  return table(facts);
}
