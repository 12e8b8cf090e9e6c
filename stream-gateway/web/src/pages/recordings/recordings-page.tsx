// What has been recorded: a list with filters, for owners and for auditors alike.
import { Button } from '@mantine/core';
import { IconMovie } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useRecordings } from '../../api/sessions/recording-queries.ts';
import { type ChangeFilter, RecordingFilters } from '../../components/recordings/recording-filters.tsx';
import { RecordingTable } from '../../components/recordings/recording-table.tsx';
import { NothingFound } from '../../components/ui/filters.tsx';
import { Page } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Message } from '../../components/ui/states.tsx';
import { narrowsRecordings, type RecordingsSearch } from '../../routes/search.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/recordings');
const words = text.recordings;

export function RecordingsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const change: ChangeFilter = (next) =>
    void navigate({ search: (before) => ({ ...before, ...next }) as RecordingsSearch, replace: true, resetScroll: false });
  const query = useRecordings(filter);
  const narrowed = narrowsRecordings(filter);
  return (
    <Page title={words.title} lead={words.lead}>
      <RecordingFilters filter={filter} change={change} />
      <QueryState
        query={query}
        failed={words.failed}
        forbidden={{ why: words.forbidden, who: text.whoGrants.team }}
        rows={6}
        height={52}
      >
        {({ pages }) => {
          const items = pages.flatMap(({ items }) => items);
          if (items.length === 0) return narrowed ? <Nothing onClear={() => void navigate({ search: {} })} /> : <Empty />;
          return (
            <>
              <RecordingTable recordings={items} />
              {query.hasNextPage ? (
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {words.more}
                </Button>
              ) : null}
            </>
          );
        }}
      </QueryState>
    </Page>
  );
}

function Nothing({ onClear }: { readonly onClear: () => void }) {
  return <NothingFound title={words.nothingTitle} explanation={words.nothingText} clear={words.clear} onClear={onClear} />;
}

function Empty() {
  return (
    <Message icon={IconMovie} title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </Message>
  );
}
