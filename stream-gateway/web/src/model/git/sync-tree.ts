// The objects of a GitSync as the page arranges them: filtered, counted by health, grouped. Pure.
import type { TreeNode } from '../../../../../schemas/api/syncs.ts';
import type { ObjectHealth } from '../../../../../schemas/sync-history.ts';
import type { Tone } from '../sessions/phases.ts';

/** The worst first: what needs somebody stands on top. */
export const HEALTH_ORDER = [
  'Degraded',
  'Missing',
  'Progressing',
  'Unknown',
  'Healthy',
] as const satisfies readonly ObjectHealth[];

export const HEALTH_TONES: Readonly<Record<ObjectHealth, Tone>> = {
  Healthy: 'good',
  Progressing: 'busy',
  Degraded: 'bad',
  Missing: 'bad',
  Unknown: 'off',
};

export const GROUPINGS = ['kind', 'namespace', 'unit'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface TreeGroup {
  /** Empty: cluster-wide, or of no unit. */
  readonly key: string;
  readonly health: ObjectHealth;
  readonly nodes: readonly TreeNode[];
}

/** Every word has to stand somewhere in kind, name, namespace, unit, file or group, in any case. */
export function matches(node: TreeNode, search: string): boolean {
  const text = [node.kind, node.name, node.namespace, node.unit, node.file, node.group].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function countByHealth(nodes: readonly TreeNode[]): Readonly<Record<ObjectHealth, number>> {
  const counts = { Healthy: 0, Progressing: 0, Degraded: 0, Missing: 0, Unknown: 0 };
  for (const { health } of nodes) counts[health] += 1;
  return counts;
}

/** @returns the groups with the worst health first, then by name; within each the worst health first, then kind, namespace and name */
export function groupNodes(nodes: readonly TreeNode[], by: Grouping): readonly TreeGroup[] {
  const groups = Map.groupBy(nodes, (node) => node[by] ?? '');
  return [...groups]
    .map(([key, members]): TreeGroup => {
      const nodes = [...members].sort(byNeed);
      return { key, health: nodes[0]?.health ?? 'Unknown', nodes };
    })
    .sort((left, right) => rankOf(left) - rankOf(right) || compare(left.key, right.key));
}

/** The first `limit` nodes of all groups together; a group that none is left of is left out. */
export function cutGroups(groups: readonly TreeGroup[], limit: number): readonly TreeGroup[] {
  let left = limit;
  return groups.flatMap((group) => {
    const nodes = group.nodes.slice(0, left);
    left -= nodes.length;
    return nodes.length === 0 ? [] : [{ ...group, nodes }];
  });
}

/** How long a sync took, or null where the clocks of two processes disagree. */
export function tookMs(sync: { readonly startedAt: string; readonly finishedAt: string }): number | null {
  const ms = Date.parse(sync.finishedAt) - Date.parse(sync.startedAt);
  return ms >= 0 ? ms : null;
}

function byNeed(left: TreeNode, right: TreeNode): number {
  return (
    rankOf(left) - rankOf(right) ||
    compare(left.kind, right.kind) ||
    compare(left.namespace, right.namespace) ||
    compare(left.name, right.name)
  );
}

const rankOf = ({ health }: { readonly health: ObjectHealth }): number => HEALTH_ORDER.indexOf(health);
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
