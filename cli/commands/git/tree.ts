// `streamspace tree`: what a GitSync has in the cluster, with health, place in Git, and what was made of it.
import type { ChildView, SyncTree, TreeNode } from '../../../schemas/api/syncs.ts';
import type { Register } from '../../command.ts';
import { openGatewayApi } from '../../gateway-api.ts';
import { type SyncFlags, syncNameOf, syncOptions, syncPath } from '../../sync-address.ts';
import { readTree } from '../../sync-tree.ts';

export const registerTree: Register = (program, context) => {
  syncOptions(
    program.command('tree [name]').description('the objects of a GitSync with their health and their place in Git'),
  ).action(async (name: string | undefined, flags: SyncFlags) => {
    const api = await openGatewayApi(flags, context);
    const sync = await syncNameOf(api, name, flags.namespace);
    const tree = await readTree(api, syncPath(flags.namespace, sync));
    context.stdout.write(
      flags.json === true ? `${JSON.stringify(tree, null, 2)}\n` : describe(`${flags.namespace}/${sync}`, tree),
    );
  });
};

function describe(sync: string, { revision, items, childrenLeftOut }: SyncTree): string {
  const head = `GitSync ${sync} at ${revision?.slice(0, 12) ?? 'no revision yet'}: ${items.length} objects`;
  const rest = childrenLeftOut ? ['(there are children that were not read, or that you may not list)'] : [];
  return `${[head, ...items.flatMap(describeNode), ...rest].join('\n')}\n`;
}

function describeNode(node: TreeNode): readonly string[] {
  const place = node.file === null ? '' : `  ${node.file}${node.line === null ? '' : `:${node.line}`}`;
  const unit = node.unit === null ? '' : `  [${node.unit}]`;
  return [`  ${line(node)}${place}${unit}`, ...node.children.flatMap((child) => describeChild(child, '    '))];
}

function describeChild(child: ChildView, indent: string): readonly string[] {
  return [`${indent}${line(child)}`, ...child.children.flatMap((each) => describeChild(each, `${indent}  `))];
}

function line({
  kind,
  namespace,
  name,
  health,
  message,
}: Pick<ChildView, 'kind' | 'namespace' | 'name' | 'health' | 'message'>): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}  ${health}${message === '' ? '' : `: ${message}`}`;
}
