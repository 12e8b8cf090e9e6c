// `streamspace inventory`: what a GitSync has put into the cluster, read from the compressed ConfigMaps beside it.
import { loadInventory, type StoredInventory } from '../../../controller/apply/inventory-store.ts';
import { partsOf } from '../../../controller/render/manifest.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { type ClusterOption, findGitSync, kubeconfigOption, openCluster } from '../../cluster-option.ts';
import type { Register } from '../../command.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends ClusterOption {
  readonly namespace: string;
  readonly json?: true;
}

interface Item {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Left out for a cluster-wide object. */
  readonly namespace?: string;
  readonly name: string;
}

export const registerInventory: Register = (program, context) => {
  program
    .command('inventory <name>')
    .description('list what a GitSync has put into the cluster')
    .option('-n, --namespace <name>', 'its namespace', SYSTEM_NAMESPACE)
    .option('--json', 'print it as JSON')
    .addOption(kubeconfigOption())
    .addOption(stateOption())
    .action(async (name: string, flags: Flags) => {
      await using client = await openCluster(flags, context);
      const { metadata } = await findGitSync(client, { name, namespace: flags.namespace }, context.signal);
      const owner = { namespace: flags.namespace, name, uid: metadata.uid ?? '' };
      const stored = await loadInventory(client, owner, context.signal);
      const items = itemsOf(stored);
      if (flags.json === true)
        context.stdout.write(
          `${JSON.stringify({ gitSync: `${flags.namespace}/${name}`, configMaps: stored.shards, items }, null, 2)}\n`,
        );
      else context.stdout.write(items.map(lineOf).join(''));
    });
};

function itemsOf({ entries }: StoredInventory): readonly Item[] {
  return [...entries.values()]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, version }) => {
      const { group, kind, namespace, name } = partsOf(id);
      return { group, version, kind, ...(namespace === '' ? {} : { namespace }), name };
    });
}

/** `apps/v1 Deployment team-web/api`, one a line, for grep and wc. */
function lineOf({ group, version, kind, namespace, name }: Item): string {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return `${apiVersion} ${kind} ${namespace === undefined ? name : `${namespace}/${name}`}\n`;
}
