// `streamspace plan`: what a sync of this folder, or of the merge of a pull request, would do, found as the sync finds it: as its service
// account, by dry-run.
import { InvalidArgumentError } from 'commander';
import { VerifiedObjects } from '../../../controller/apply/verified.ts';
import { hasChanges, type Plan } from '../../../controller/plan/plan.ts';
import { describeFailure } from '../../../controller/reconcile/failures.ts';
import { planAt } from '../../../controller/reconcile/git-sync/run.ts';
import { identify } from '../../../controller/reconcile/git-sync/source.ts';
import type { UnitOutcome } from '../../../controller/reconcile/git-sync/units.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { createResourceMapper } from '../../../runtime/kube/watch/mapper.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync, GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { type ClusterOption, findGitSync, kubeconfigOption, openCluster } from '../../cluster-option.ts';
import type { CliContext, Register } from '../../command.ts';
import { renderFolder } from '../../local-render.ts';
import { describePlan } from '../../plan-text.ts';
import { renderPullRequest } from '../../pull-request-render.ts';
import { type RendererFlags, renderOptions, withRendererOptions } from '../../renderer-option.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends RendererFlags, ClusterOption {
  readonly pr?: number;
  readonly sync?: string;
  readonly namespace?: string;
  readonly detailedExitcode?: true;
  readonly json?: true;
}

export const registerPlan: Register = (program, context) => {
  withRendererOptions(
    program
      .command('plan [dir]')
      .description('show what a sync of a folder, or the merge of a pull request, would change in the cluster; writes nothing'),
  )
    .option('--pr <number>', 'an open pull request of the repository of the GitSync, in place of a folder', numberOf)
    .option('--sync <name>', 'the GitSync to plan for, or NAMESPACE/NAME (default: the only one)')
    .option('-n, --namespace <name>', 'its namespace (default: streamspace)')
    .option('--detailed-exitcode', 'exit 0: nothing to do, 2: changes, 1: error')
    .option('--json', 'print the plan as JSON')
    .addOption(kubeconfigOption())
    .addOption(stateOption())
    .action(async (dir: string | undefined, flags: Flags) => {
      const { number, folder } = asked(dir, flags);
      await using client = await openCluster(flags, context);
      const sync = await findGitSync(client, { name: flags.sync, namespace: flags.namespace }, context.signal);
      const spec = gitSyncSpec.parse(sync.spec);
      const rendered =
        number === undefined
          ? await renderFolder(folder, renderOptions(flags, spec), context)
          : await renderPullRequest(sync, number, client, context);
      const { plan, failed } = await planOf(rendered, { sync, spec }, client, context);
      context.stdout.write(flags.json === true ? `${presentJson(plan)}\n` : describePlan(plan, context));
      const blocked = plan.changes.some(({ action }) => action === 'blocked');
      if (blocked || failed) context.setExitCode(1);
      else if (flags.detailedExitcode === true && hasChanges(plan)) context.setExitCode(2);
    });
};

type Asked = { readonly folder: string; readonly number?: never } | { readonly folder?: never; readonly number: number };

/** @throws UsageInvalid */
function asked(folder: string | undefined, { pr: number, renderer, entrypoint, unit }: Flags): Asked {
  const wrong = (words: string): StreamSpaceError => new StreamSpaceError('UsageInvalid', words);
  if (number === undefined && folder !== undefined) return { folder };
  if (number === undefined) throw wrong('name a folder, or a pull request with --pr');
  if (folder !== undefined) throw wrong('a pull request is planned without a folder');
  if (renderer !== undefined || entrypoint !== undefined || unit !== undefined)
    throw wrong('a pull request is rendered as its GitSync says, without --renderer, --entrypoint and --unit');
  return { number };
}

function numberOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('write the number of a pull request');
  return Number(text);
}

async function planOf(
  rendered: readonly UnitOutcome[],
  { sync, spec }: { readonly sync: GitSync; readonly spec: GitSyncSpec },
  client: KubeClient,
  context: CliContext,
) {
  const { signal } = context;
  const mapper = createResourceMapper(client);
  const owner = { namespace: sync.metadata.namespace ?? '', name: sync.metadata.name };
  const desired = await identify({ client, mapper }, rendered, { namespace: owner.namespace, spec }, signal);
  const ports = { client, mapper, verified: new VerifiedObjects() };
  for (const { unit, failure } of desired.units) {
    if (failure === undefined) continue;
    context.stderr.write(`error: ${failure.error.code}: unit ${unit.name ?? ''}: ${describeFailure(failure.error)}\n`);
  }
  const { plan, warnings } = await planAt({ ports, owner, sync, spec, signal }, desired, undefined);
  const failed = desired.units.some(({ failure }) => failure !== undefined);
  return { plan: { ...plan, warnings: [...plan.warnings, ...warnings] }, failed };
}

/** Without the manifests themselves: `render` prints those. */
function presentJson({ changes, warnings }: Plan): string {
  const items = changes.map((change) => Object.fromEntries(Object.entries(change).filter(([key]) => key !== 'wanted')));
  return JSON.stringify(
    { changes: items, warnings },
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    2,
  );
}
