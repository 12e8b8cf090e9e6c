// Every session that I may see: a table, cards on a phone.
import { Button, SegmentedControl } from '@mantine/core';
import { IconScreenShare } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useDeferredValue } from 'react';
import { useMe, useSessions } from '../../api/queries.ts';
import { SessionTable } from '../../components/sessions/session-table.tsx';
import { Facet } from '../../components/ui/facet.tsx';
import { FilterBar, NothingFound } from '../../components/ui/filters.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Failed, Loading, Message, Partial } from '../../components/ui/states.tsx';
import { useSearchText } from '../../components/ui/use-search-text.ts';
import { startableTeams } from '../../model/access/teams.ts';
import { filterSessions } from '../../model/sessions/session-list.ts';
import { SESSION_FILTERS, type SessionsSearch } from '../../routes/search.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/sessions');

export function SessionsPage() {
  const sessions = useSessions();
  return (
    <Page title={text.sessions.title}>
      {(() => {
        switch (sessions.state) {
          case 'loading':
            return <Loading rows={6} height={52} />;
          case 'failed':
            return <Failed title={text.sessions.failed} error={sessions.error} retry={sessions.retry} />;
          case 'ready':
            return sessions.list.items.length === 0 ? <Empty /> : <Browser list={sessions.list} />;
        }
      })()}
    </Page>
  );
}

type Sessions = Extract<ReturnType<typeof useSessions>, { state: 'ready' }>['list'];

function Browser({ list }: { readonly list: Sessions }) {
  const me = useMe();
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: { readonly [K in keyof SessionsSearch]?: SessionsSearch[K] | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...next }) as SessionsSearch, replace: true, resetScroll: false });
  const [typed, setTyped] = useSearchText(address.q ?? '', (q) => change({ q: q === '' ? undefined : q }));
  const q = useDeferredValue(typed);
  const others = list.items.some(({ spec }) => spec.owner !== me.name);
  const whose = address.whose ?? (me.may.allSessions ? 'all' : 'mine');
  const { shown, counts } = filterSessions(list.items, {
    q,
    show: address.show ?? null,
    owner: others && whose === 'mine' ? me.name : null,
  });
  const clear = () => {
    setTyped('');
    change({ q: undefined, show: undefined, whose: others ? 'all' : undefined });
  };
  return (
    <>
      <FilterBar
        words={{ search: text.sessions.search, placeholder: text.sessions.searchPlaceholder }}
        typed={typed}
        onType={setTyped}
      >
        {others ? (
          <SegmentedControl
            aria-label={text.sessions.whose}
            value={whose}
            onChange={(next) => change({ whose: next === 'all' ? 'all' : 'mine' })}
            data={[
              { value: 'mine', label: text.sessions.mine },
              { value: 'all', label: text.sessions.everyones },
            ]}
          />
        ) : null}
      </FilterBar>
      <div className="ss-facets">
        <Facet
          label={text.sessions.show}
          chosen={address.show ?? null}
          choices={SESSION_FILTERS.filter((filter) => counts[filter] > 0 || filter === address.show).map((filter) => ({
            value: filter,
            label: text.sessions.filters[filter],
            count: counts[filter],
          }))}
          onChoose={(next) => change({ show: next ?? undefined })}
        />
      </div>
      {list.partial ? <Partial shown={list.items.length} /> : null}
      {shown.length === 0 ? (
        <NothingFound
          title={text.sessions.nothingTitle}
          explanation={text.sessions.nothingText}
          clear={text.sessions.clear}
          onClear={clear}
        />
      ) : (
        <SessionTable sessions={shown} touched={list.touched} owners={others} />
      )}
    </>
  );
}

function Empty() {
  const mayStart = startableTeams(useMe()).length > 0;
  return (
    <Message
      icon={IconScreenShare}
      title={text.sessions.emptyTitle}
      actions={
        mayStart ? <Button renderRoot={(rest) => <Link to="/catalog" {...rest} />}>{text.sessions.toCatalog}</Button> : undefined
      }
    >
      <p>{mayStart ? text.sessions.emptyText : text.sessions.emptyReadOnly}</p>
    </Message>
  );
}
