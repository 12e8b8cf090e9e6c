// `streamspace suspend`, `resume` and `confirm`: what people decide about a GitSync, as themselves, through the gateway.
import { findCondition } from '../../../runtime/kube/conditions.ts';
import type { GitSyncView } from '../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CliContext, Register } from '../../command.ts';
import { openGatewayApi } from '../../gateway-api.ts';
import { type SyncFlags, syncOptions, syncPath } from '../../sync-address.ts';

export const registerSuspend: Register = (program, context) => {
  syncOptions(program.command('suspend <name>').description('write nothing for a GitSync until it is resumed')).action(
    (name: string, flags: SyncFlags) =>
      act(name, 'suspend', flags, context, 'is suspended: nothing is written until it is resumed'),
  );
  syncOptions(program.command('resume <name>').description('let a suspended GitSync go on, beginning now')).action(
    (name: string, flags: SyncFlags) => act(name, 'resume', flags, context, 'goes on'),
  );
  syncOptions(program.command('confirm <name>').description('confirm the deletions of the plan of exactly this revision'))
    .requiredOption('--revision <sha>', 'the commit whose plan you have looked at, in full')
    .action(async (name: string, { revision, ...flags }: SyncFlags & { readonly revision: string }) => {
      if (!/^[0-9a-f]{40}$/.test(revision))
        throw new StreamSpaceError('UsageInvalid', '--revision: write a full commit id of 40 hexadecimal digits');
      await act(name, 'confirm', flags, context, `may delete what revision ${revision.slice(0, 12)} deletes`, { revision });
    });
};

async function act(
  name: string,
  action: 'suspend' | 'resume' | 'confirm',
  flags: SyncFlags,
  context: CliContext,
  words: string,
  body?: object,
): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const sync = await api.call<GitSyncView>('POST', `${syncPath(flags.namespace, name)}/${action}`, body);
  if (flags.json === true) context.stdout.write(`${JSON.stringify(sync, null, 2)}\n`);
  else {
    const ready = findCondition(sync.status?.conditions, 'Ready');
    context.stdout.write(
      `GitSync ${flags.namespace}/${name} ${words}${ready === undefined ? '' : ` (it was ${ready.reason})`}\n`,
    );
  }
}
