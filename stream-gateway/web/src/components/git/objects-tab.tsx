// Every object of a GitSync: searched, filtered by health, grouped; one of them opens beside the list.
import { Button, SegmentedControl } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import type { SyncTree, TreeNode } from '../../../../../schemas/api/syncs.ts';
import { useSyncTree } from '../../api/git/git-sync-queries.ts';
import { countByHealth, cutGroups, GROUPINGS, groupNodes, HEALTH_ORDER, matches } from '../../model/git/sync-tree.ts';
import { text } from '../../text/text.ts';
import { Facet } from '../ui/facet.tsx';
import { FilterBar, NothingFound } from '../ui/filters.tsx';
import { QueryState } from '../ui/query-state.tsx';
import { Message } from '../ui/states.tsx';
import { useSearchText } from '../ui/use-search-text.ts';
import { ObjectPanel } from './object-panel.tsx';
import { ObjectTree } from './object-tree.tsx';
import { useSourceAddress } from './use-source-address.ts';

/** More rows at once make the page slow; each click shows as many again. */
const ROWS = 300;

export function ObjectsTab({ sync }: { readonly sync: GitSyncView }) {
  const query = useSyncTree(sync);
  const words = text.source.objects;
  return (
    <QueryState
      query={query}
      failed={words.failed}
      forbidden={{ why: words.forbidden, who: text.whoGrants.platform }}
      rows={8}
      height={44}
    >
      {({ pages }) => <Objects sync={sync} pages={pages} whole={!query.hasNextPage} />}
    </QueryState>
  );
}

function Objects(props: { readonly sync: GitSyncView; readonly pages: readonly SyncTree[]; readonly whole: boolean }) {
  const { sync, pages } = props;
  const nodes = pages.flatMap(({ items }) => items);
  const [address, change] = useSourceAddress();
  const [typed, setTyped] = useSearchText(address.q ?? '', (q) => change({ q: q === '' ? undefined : q }));
  const words = text.source;
  const hasUnits = nodes.some(({ unit }) => unit !== null);
  const by = address.by ?? 'kind';
  if (nodes.length === 0) {
    return (
      <Message icon={IconStack2} title={words.objects.emptyTitle}>
        <p>{words.objects.emptyText}</p>
      </Message>
    );
  }
  const found = typed === '' ? nodes : nodes.filter((node) => matches(node, typed));
  const counts = countByHealth(found);
  const shown = address.health === undefined ? found : found.filter(({ health }) => health === address.health);
  const opened = address.object === undefined ? undefined : nodes.find(({ object }) => object === address.object);
  return (
    <>
      <FilterBar words={words.filter} typed={typed} onType={setTyped}>
        <SegmentedControl
          aria-label={words.filter.by}
          value={by}
          onChange={(next) => change({ by: next === 'namespace' || next === 'unit' ? next : undefined })}
          data={GROUPINGS.filter((each) => each !== 'unit' || hasUnits).map((value) => ({ value, label: words.groups[value] }))}
        />
      </FilterBar>
      <div className="ss-facets">
        <Facet
          label={words.filter.health}
          chosen={address.health ?? null}
          choices={HEALTH_ORDER.filter((each) => counts[each] > 0 || each === address.health).map((each) => ({
            value: each,
            label: words.health[each],
            count: counts[each],
          }))}
          onChoose={(next) => change({ health: next ?? undefined })}
        />
      </div>
      {props.whole ? null : (
        <p className="ss-note" role="status">
          {words.objects.loadingMore(nodes.length)}
        </p>
      )}
      {pages.some(({ childrenLeftOut }) => childrenLeftOut) ? <p className="ss-note">{words.objects.childrenLeftOut}</p> : null}
      {shown.length === 0 ? (
        <NothingFound
          title={words.nothingTitle}
          explanation={words.nothingText}
          clear={words.clear}
          onClear={() => {
            setTyped('');
            change({ q: undefined, health: undefined });
          }}
        />
      ) : (
        <Rows nodes={shown} by={by} onOpen={(object) => change({ object })} />
      )}
      <ObjectPanel sync={sync} node={opened} onClose={() => change({ object: undefined })} />
    </>
  );
}

function Rows(props: {
  readonly nodes: readonly TreeNode[];
  readonly by: (typeof GROUPINGS)[number];
  readonly onOpen: (object: string) => void;
}) {
  const [limit, setLimit] = useState(ROWS);
  const more = Math.min(ROWS, props.nodes.length - limit);
  return (
    <>
      <ObjectTree groups={cutGroups(groupNodes(props.nodes, props.by), limit)} by={props.by} onOpen={props.onOpen} />
      {more <= 0 ? null : (
        <Button variant="default" onClick={() => setLimit(limit + ROWS)}>
          {text.source.more(more)}
        </Button>
      )}
    </>
  );
}
