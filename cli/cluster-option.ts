// Which cluster a command speaks to: --kubeconfig, else KUBECONFIG, else the running local installation.
import path from 'node:path';
import { Option } from 'commander';
import { readLocalJson } from '../local/state/local-json.ts';
import { createKubeClient, type OwnedKubeClient } from '../runtime/kube/client.ts';
import { RESOURCES } from '../runtime/kube/resources.ts';
import type { KubeClient } from '../runtime/kube/types.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { GitSync } from '../schemas/kinds/git-sync/git-sync.ts';
import { SYSTEM_NAMESPACE } from '../schemas/names.ts';
import type { CliContext } from './command.ts';
import { foldersOf, type StateOption } from './commands/state-option.ts';

export interface ClusterOption extends StateOption {
  readonly kubeconfig?: string;
}

export function kubeconfigOption(): Option {
  return new Option('--kubeconfig <file>', 'the cluster (default: KUBECONFIG, else the local installation)');
}

/** @throws StreamSpaceError `NotRunning` */
export async function openCluster(option: ClusterOption, context: CliContext): Promise<OwnedKubeClient> {
  const execEnv = Object.fromEntries(
    Object.entries(context.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const given = option.kubeconfig ?? context.env['KUBECONFIG']?.split(path.delimiter).find((each) => each !== '');
  if (given !== undefined) return createKubeClient({ kubeconfig: path.resolve(context.cwd, given), execEnv });
  const local = await readLocalJson(path.join(foldersOf(option, context).stateDir, 'local.json'));
  if (local === undefined)
    throw new StreamSpaceError('NotRunning', 'there is no --kubeconfig, no KUBECONFIG and no local installation');
  return createKubeClient({ kubeconfig: local.kubeconfig, execEnv });
}

/** By name, or NAMESPACE/NAME; without one, the only GitSync there is. @throws NotFound, UsageInvalid */
export async function findGitSync(
  client: KubeClient,
  given: { readonly name?: string | undefined; readonly namespace?: string | undefined },
  signal: AbortSignal,
): Promise<GitSync> {
  const [, within, short] = /^([^/]+)\/([^/]+)$/.exec(given.name ?? '') ?? [];
  const { name, namespace = SYSTEM_NAMESPACE } = short === undefined ? given : { name: short, namespace: within };
  if (name !== undefined) {
    const sync = await client.find<GitSync>(RESOURCES.gitSyncs, namespace, name, { signal });
    if (sync === undefined) throw new StreamSpaceError('NotFound', `there is no GitSync ${namespace}/${name}`);
    return sync;
  }
  const { items } = await client.list<GitSync>(RESOURCES.gitSyncs, { namespace, signal });
  const [only] = items;
  if (only !== undefined && items.length === 1) return only;
  const names = items.map(({ metadata }) => metadata.name).join(', ');
  throw new StreamSpaceError(
    'UsageInvalid',
    only === undefined ? `there is no GitSync in namespace ${namespace}` : `name one of the GitSyncs with --sync: ${names}`,
  );
}
