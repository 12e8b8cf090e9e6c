// `streamspace diff`: how the cluster differs from what Git wants now, object by object. with --detailed-exitcode: 0 not at all, 2 it does.
import pMap from 'p-map';
import type { ObjectDiff, TreeNode } from '../../../schemas/api/syncs.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Register } from '../../command.ts';
import { type GatewayApi, openGatewayApi } from '../../gateway-api.ts';
import { objectPathOf, type SyncFlags, syncNameOf, syncOptions, syncPath } from '../../sync-address.ts';
import { findNode, readTree } from '../../sync-tree.ts';

interface Flags extends SyncFlags {
  readonly detailedExitcode?: true;
}

/** A diff that could not be made says why, and does not hide the others. */
type Outcome = ObjectDiff | { readonly object: string; readonly state: 'refused'; readonly reason: string };

const PARALLEL = 8;

export const registerDiff: Register = (program, context) => {
  syncOptions(program.command('diff [name] [object]').description('how the cluster differs from what Git wants, field by field'))
    .option('--detailed-exitcode', 'exit with 2 when anything differs')
    .action(async (name: string | undefined, object: string | undefined, flags: Flags) => {
      const api = await openGatewayApi(flags, context);
      const path = syncPath(flags.namespace, await syncNameOf(api, name, flags.namespace));
      const nodes = object === undefined ? (await readTree(api, path)).items : [await findNode(api, path, object)];
      const outcomes = await diffsOf(api, path, nodes);
      const told = object === undefined ? outcomes.filter(({ state }) => state !== 'same') : outcomes;
      context.stdout.write(flags.json === true ? `${JSON.stringify(told, null, 2)}\n` : describe(told, nodes.length));
      if (flags.detailedExitcode === true && outcomes.some(({ state }) => state !== 'same')) context.setExitCode(2);
    });
};

async function diffsOf(api: GatewayApi, path: string, nodes: readonly TreeNode[]): Promise<readonly Outcome[]> {
  const diffOf = (node: TreeNode): Promise<Outcome> =>
    api.call<ObjectDiff>('GET', `${path}${objectPathOf(node)}/diff`).catch((error: unknown) => {
      if (error instanceof StreamSpaceError && error.code === 'Forbidden')
        return { object: node.object, state: 'refused' as const, reason: error.message };
      throw error;
    });
  return await pMap(nodes, diffOf, { concurrency: PARALLEL });
}

function describe(outcomes: readonly Outcome[], looked: number): string {
  if (outcomes.length === 0) return `${looked} objects are as Git says\n`;
  return outcomes.map(describeOne).join('');
}

function describeOne(outcome: Outcome): string {
  if (outcome.state === 'refused') return `${outcome.object}: ${outcome.reason}\n`;
  const lines = outcome.differences.map(
    ({ path, wanted, live }) => `    ${path}: ${value(live)} in the cluster, ${value(wanted)} in Git`,
  );
  return `${[`${outcome.object}: ${STATE_WORDS[outcome.state]}`, ...lines].join('\n')}\n`;
}

const STATE_WORDS: Readonly<Record<ObjectDiff['state'], string>> = {
  same: 'as Git says',
  different: 'differs from Git',
  missing: 'is not in the cluster',
  unknown: 'is too large to compare',
};

function value(json: unknown): string {
  if (json === undefined) return 'nothing';
  const text = JSON.stringify(json);
  return text.length <= 120 ? text : `${text.slice(0, 120)}...`;
}
