// `streamspace plan`: what a sync of this folder would do, found as the sync finds it: as its service account, by dry-run.
import { VerifiedObjects } from '../../../controller/apply/verified.ts';
import { hasChanges, type Plan } from '../../../controller/plan/plan.ts';
import { describeFailure } from '../../../controller/reconcile/failures.ts';
import { planAt } from '../../../controller/reconcile/git-sync/run.ts';
import { identify } from '../../../controller/reconcile/git-sync/source.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { createResourceMapper } from '../../../runtime/kube/watch/mapper.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import { type ClusterOption, findGitSync, kubeconfigOption, openCluster } from '../../cluster-option.ts';
import type { CliContext, Register } from '../../command.ts';
import { renderFolder } from '../../local-render.ts';
import { describePlan } from '../../plan-text.ts';
import { type RendererFlags, renderOptions, withRendererOptions } from '../../renderer-option.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends RendererFlags, ClusterOption {
  readonly sync?: string;
  readonly namespace?: string;
  readonly detailedExitcode?: true;
  readonly json?: true;
}

export const registerPlan: Register = (program, context) => {
  withRendererOptions(
    program.command('plan <dir>').description('show what a sync of a folder would change in the cluster; writes nothing'),
  )
    .option('--sync <name>', 'the GitSync to plan for (default: the only one)')
    .option('-n, --namespace <name>', 'its namespace (default: streamspace)')
    .option('--detailed-exitcode', 'exit 0: nothing to do, 2: changes, 1: error')
    .option('--json', 'print the plan as JSON')
    .addOption(kubeconfigOption())
    .addOption(stateOption())
    .action(async (dir: string, flags: Flags) => {
      await using client = await openCluster(flags, context);
      const { plan, failed } = await planFolder(dir, flags, client, context);
      context.stdout.write(flags.json === true ? `${presentJson(plan)}\n` : describePlan(plan, context));
      const blocked = plan.changes.some(({ action }) => action === 'blocked');
      if (blocked || failed) context.setExitCode(1);
      else if (flags.detailedExitcode === true && hasChanges(plan)) context.setExitCode(2);
    });
};

async function planFolder(dir: string, flags: Flags, client: KubeClient, context: CliContext) {
  const { signal } = context;
  const sync = await findGitSync(client, { name: flags.sync, namespace: flags.namespace }, signal);
  const spec = gitSyncSpec.parse(sync.spec);
  const rendered = await renderFolder(dir, renderOptions(flags, spec), context);
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
