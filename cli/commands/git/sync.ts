// `streamspace sync`: asks for a sync now, and follows it to its end where that is wanted.
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { ANNOTATIONS, requestedBy, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { type ClusterOption, findGitSync, kubeconfigOption, openCluster } from '../../cluster-option.ts';
import type { CliContext, Register } from '../../command.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends ClusterOption {
  readonly namespace: string;
  readonly wait?: true;
  readonly json?: true;
}

const LOOK_MS = 200;

export const registerSync: Register = (program, context) => {
  program
    .command('sync <name>')
    .description('sync a GitSync now')
    .option('-n, --namespace <name>', 'its namespace', SYSTEM_NAMESPACE)
    .option('--wait', 'wait for the end; exit 1 when it fails')
    .option('--json', 'print the GitSync as JSON')
    .addOption(kubeconfigOption())
    .addOption(stateOption())
    .action(async (name: string, flags: Flags) => {
      await using client = await openCluster(flags, context);
      const requestedAt = new Date().toISOString();
      await findGitSync(client, { name, namespace: flags.namespace }, context.signal);
      const annotations = {
        [ANNOTATIONS.syncRequestedAt]: requestedAt,
        [ANNOTATIONS.syncRequestedBy]: requestedBy(requestedAt, await whoAmI(client)),
      };
      const asked = await client.mergePatch<GitSync>(RESOURCES.gitSyncs, flags.namespace, name, { metadata: { annotations } });
      const sync = flags.wait === true ? await untilHandled(client, name, flags.namespace, requestedAt, context) : asked;
      const ready = findCondition(sync.status?.conditions, 'Ready');
      if (flags.json === true) context.stdout.write(`${JSON.stringify(sync, null, 2)}\n`);
      else if (flags.wait !== true) context.stdout.write(`asked ${flags.namespace}/${name} to sync\n`);
      else context.stdout.write(`${ready?.reason ?? 'Unknown'}: ${ready?.message ?? ''}\n`);
      if (flags.wait === true && ready?.status !== 'True') context.setExitCode(1);
    });
};

/** As the API server knows whoever uses this kubeconfig: the history of the GitSync names him. */
async function whoAmI(client: KubeClient): Promise<string> {
  const apiVersion = 'authentication.k8s.io/v1';
  const review = await client.json<{ readonly status: { readonly userInfo: { readonly username: string } } }>({
    method: 'POST',
    path: `/apis/${apiVersion}/selfsubjectreviews`,
    body: JSON.stringify({ apiVersion, kind: 'SelfSubjectReview' }),
    contentType: 'application/json',
  });
  return review.status.userInfo.username;
}

/** Tells each change of the message; ends when the controller says that this very request is handled. */
async function untilHandled(
  client: KubeClient,
  name: string,
  namespace: string,
  request: string,
  context: CliContext,
): Promise<GitSync> {
  let told = '';
  for (;;) {
    const sync = await client.find<GitSync>(RESOURCES.gitSyncs, namespace, name, { signal: context.signal });
    if (sync === undefined) throw new StreamSpaceError('NotFound', `the GitSync ${namespace}/${name} was deleted`);
    const ready = findCondition(sync.status?.conditions, 'Ready');
    if (sync.status?.handledRequest === request) return sync;
    if (ready !== undefined && ready.message !== told) context.stderr.write(`${ready.message}\n`);
    told = ready?.message ?? told;
    await delay(LOOK_MS, context.signal);
  }
}
