// Objects in groups, each with what controllers made of it. Sections and lists, so that a screen reader can go through them.
import { UnstyledButton } from '@mantine/core';
import type { ChildView, TreeNode } from '../../../../../schemas/api/syncs.ts';
import type { ObjectHealth } from '../../../../../schemas/sync-history.ts';
import { placeOf } from '../../model/git/git-sync.ts';
import { type Grouping, HEALTH_TONES, type TreeGroup } from '../../model/git/sync-tree.ts';
import { text } from '../../text/text.ts';
import { StateBadge } from '../ui/state-badge.tsx';

export function ObjectTree(props: {
  readonly groups: readonly TreeGroup[];
  readonly by: Grouping;
  readonly onOpen: (object: string) => void;
}) {
  return (
    <div className="ss-tree">
      {props.groups.map(({ key, health, nodes }) => {
        const title = key === '' ? (props.by === 'unit' ? text.source.noUnit : text.source.clusterWide) : key;
        return (
          <section key={key} aria-label={title}>
            <h2 className="ss-tree-head">
              {title} {health === 'Healthy' ? null : <HealthBadge health={health} />}
            </h2>
            <ul className="ss-tree-list">
              {nodes.map((node) => (
                <Node key={node.object} node={node} by={props.by} onOpen={props.onOpen} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Node({
  node,
  by,
  onOpen,
}: {
  readonly node: TreeNode;
  readonly by: Grouping;
  readonly onOpen: (object: string) => void;
}) {
  const place = placeOf({ file: node.file ?? undefined, line: node.line ?? undefined });
  return (
    <li>
      <div className="ss-tree-row">
        <HealthBadge health={node.health} />
        <UnstyledButton className="ss-tree-name" onClick={() => onOpen(node.object)} title={node.object}>
          {by === 'kind' ? null : <span className="ss-object-kind">{node.kind} </span>}
          {node.name}
        </UnstyledButton>
        {by === 'namespace' || node.namespace === '' ? null : <span className="ss-note">{node.namespace}</span>}
        {place === null ? null : <code className="ss-tree-place">{place}</code>}
        {node.message === '' ? null : <span className="ss-tree-why">{node.message}</span>}
      </div>
      {node.children.length === 0 ? null : (
        // What is not well need not be looked for.
        <details className="ss-tree-children" open={node.children.some(({ health }) => health !== 'Healthy')}>
          <summary>{text.source.objects.children(countOf(node.children))}</summary>
          <Children items={node.children} />
        </details>
      )}
    </li>
  );
}

function Children({ items }: { readonly items: readonly ChildView[] }) {
  return (
    <ul className="ss-tree-list">
      {items.map((child) => (
        <li key={`${child.kind}/${child.namespace}/${child.name}`}>
          <div className="ss-tree-row">
            <HealthBadge health={child.health} />
            <span>
              <span className="ss-object-kind">{child.kind}</span> {child.name}
            </span>
            {child.message === '' ? null : <span className="ss-tree-why">{child.message}</span>}
          </div>
          {child.children.length === 0 ? null : <Children items={child.children} />}
        </li>
      ))}
    </ul>
  );
}

function countOf(items: readonly ChildView[]): number {
  return items.reduce((sum, { children }) => sum + 1 + countOf(children), 0);
}

export function HealthBadge({ health }: { readonly health: ObjectHealth }) {
  return <StateBadge tone={HEALTH_TONES[health]} label={text.source.health[health]} />;
}
