// The catalog: search that answers while typing, facets with counts, grid or list; all of it in the address.
import { Button, SegmentedControl } from '@mantine/core';
import { IconApps, IconLayoutGrid, IconList } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';
import { useMe, useTemplates } from '../../api/queries.ts';
import { TemplateCard } from '../../components/catalog/template-card.tsx';
import { useLaunch } from '../../components/sessions/use-launch.ts';
import { Facet } from '../../components/ui/facet.tsx';
import { FilterBar, NothingFound } from '../../components/ui/filters.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Failed, Loading, Message, Partial } from '../../components/ui/states.tsx';
import { useSearchText } from '../../components/ui/use-search-text.ts';
import { createTemplateSearch, filterCatalog, SIZES } from '../../model/catalog.ts';
import type { CatalogSearch } from '../../routes/search.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/catalog');

export function CatalogPage() {
  const templates = useTemplates();
  return (
    <Page title={text.catalog.title}>
      {(() => {
        switch (templates.state) {
          case 'loading':
            return <Loading rows={8} height={196} className="ss-cards" />;
          case 'failed':
            return <Failed title={text.catalog.failed} error={templates.error} retry={templates.retry} />;
          case 'ready':
            return templates.list.items.length === 0 ? <Empty /> : <Browser list={templates.list} />;
        }
      })()}
    </Page>
  );
}

type Templates = Extract<ReturnType<typeof useTemplates>, { state: 'ready' }>['list'];

function Browser({ list }: { readonly list: Templates }) {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const launch = useLaunch();
  const change = (next: { readonly [K in keyof CatalogSearch]?: CatalogSearch[K] | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...next }) as CatalogSearch, replace: true, resetScroll: false });
  const [typed, setTyped] = useSearchText(address.q ?? '', (q) => change({ q: q === '' ? undefined : q }));
  const q = useDeferredValue(typed);
  const search = useMemo(() => createTemplateSearch(list.items), [list.items]);
  const { category = null, size = null, view = 'grid' } = address;
  const result = useMemo(() => filterCatalog(search, { q, category, size }), [search, q, category, size]);
  const clear = () => {
    setTyped('');
    change({ q: undefined, category: undefined, size: undefined });
  };
  return (
    <>
      <FilterBar
        words={{ search: text.catalog.search, placeholder: text.catalog.searchPlaceholder }}
        typed={typed}
        onType={setTyped}
      >
        <SegmentedControl
          aria-label={text.catalog.view}
          value={view}
          onChange={(next) => change({ view: next === 'list' ? 'list' : undefined })}
          data={[
            { value: 'grid', label: <ViewLabel icon={<IconLayoutGrid size={16} />} words={text.catalog.grid} /> },
            { value: 'list', label: <ViewLabel icon={<IconList size={16} />} words={text.catalog.list} /> },
          ]}
        />
      </FilterBar>
      <div className="ss-facets">
        <Facet
          label={text.catalog.categories}
          chosen={category}
          choices={result.categories.map(({ name, count }) => ({ value: name, label: name, count }))}
          onChoose={(next) => change({ category: next ?? undefined })}
        />
        <Facet
          label={text.catalog.sizes}
          chosen={size}
          choices={SIZES.filter((each) => result.sizes[each] > 0 || each === size).map((each) => ({
            value: each,
            label: text.catalog.size[each],
            hint: text.catalog.sizeHint[each],
            count: result.sizes[each],
          }))}
          onChoose={(next) => change({ size: next ?? undefined })}
        />
      </div>
      <p className="ss-note ss-count" role="status">
        {text.catalog.count(result.templates.length)}
      </p>
      {list.partial ? <Partial shown={list.items.length} /> : null}
      {result.templates.length === 0 ? (
        <NothingFound
          title={text.catalog.nothingTitle}
          explanation={text.catalog.nothingText}
          clear={text.catalog.clear}
          onClear={clear}
        />
      ) : (
        <div className={view === 'grid' ? 'ss-cards' : 'ss-stack'}>
          {result.templates.map((template) => (
            <TemplateCard
              key={template.metadata.uid}
              template={template}
              launch={launch}
              touched={list.touched[template.metadata.uid]}
              view={view}
            />
          ))}
        </div>
      )}
    </>
  );
}

function ViewLabel({ icon, words }: { readonly icon: React.ReactNode; readonly words: string }) {
  return (
    <span className="ss-view-label">
      {icon}
      <span>{words}</span>
    </span>
  );
}

function Empty() {
  const me = useMe();
  const admin = me.may.gitSyncs;
  return (
    <Message
      icon={IconApps}
      title={text.catalog.emptyTitle}
      actions={
        admin ? (
          <Button variant="default" renderRoot={(rest) => <Link to="/sources" {...rest} />}>
            {text.catalog.toGit}
          </Button>
        ) : undefined
      }
    >
      <p>{admin ? text.catalog.emptyForAdmins : text.catalog.emptyForUsers}</p>
    </Message>
  );
}
