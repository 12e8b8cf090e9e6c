// Activity: what happened, found by a search that stands in the address.
import { Button } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { parseAuditSearch } from '../../../../../schemas/audit-search/parse.ts';
import { useAuditEvents } from '../../api/access/audit-queries.ts';
import { useMe } from '../../api/queries.ts';
import { ExportMenu, FollowSwitch, SinceSelect, ViewsMenu } from '../../components/audit/audit-tools.tsx';
import { EventTable } from '../../components/audit/event-table.tsx';
import { SearchChips, SearchField } from '../../components/audit/search-field.tsx';
import { NothingFound } from '../../components/ui/filters.tsx';
import { Page } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Forbidden, Message } from '../../components/ui/states.tsx';
import { useSearchText } from '../../components/ui/use-search-text.ts';
import { withTerm } from '../../model/access/audit-search.ts';
import type { AuditSearch } from '../../routes/search.ts';
import { text } from '../../text/text.ts';
import '../../styles/audit.css';

const route = getRouteApi('/shell/audit');
const words = text.audit;
const FORBIDDEN = { why: words.forbidden, who: text.whoGrants.platform };

export function AuditPage() {
  const me = useMe();
  return (
    <Page title={words.title} lead={words.lead}>
      {me.may.audit ? <Activity /> : <Forbidden {...FORBIDDEN} />}
    </Page>
  );
}

type Change = { readonly [K in keyof AuditSearch]?: AuditSearch[K] | undefined };

function Activity() {
  const me = useMe();
  const { q = '', event: opened, follow = false } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Change) =>
    void navigate({ search: (before) => ({ ...before, ...next }) as AuditSearch, replace: true, resetScroll: false });
  const search = (next: string) => change({ q: next.trim() === '' ? undefined : next, event: undefined });
  const [typed, setTyped] = useSearchText(q, search);
  // What cannot be read is told at the field, and not asked.
  const usable = parseAuditSearch(q).ok;
  const query = useAuditEvents(q.trim(), { follow, allowed: usable });
  const events = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const actors = [...new Set([me.name, ...events.flatMap(({ actor }) => actor ?? [])])].slice(0, 50);
  const known = { actors, teams: me.teams.map(({ name }) => name) };
  return (
    <>
      <search className="ss-audit-search" aria-label={words.search}>
        <SearchField typed={typed} onType={setTyped} known={known} />
        <div className="ss-audit-tools">
          <SinceSelect search={q} onChange={search} />
          <FollowSwitch follow={follow} onChange={(on) => change({ follow: on ? true : undefined })} />
          <ViewsMenu search={q} />
          <ExportMenu search={usable ? q : ''} />
        </div>
        <SearchChips search={q} onChange={search} />
      </search>
      {usable ? (
        <QueryState query={query} failed={words.failed} forbidden={FORBIDDEN} rows={8} height={44}>
          {() => {
            if (events.length === 0) return q.trim() === '' ? <Empty /> : <Nothing onClear={() => search('')} />;
            return (
              <>
                <EventTable
                  events={events}
                  opened={opened}
                  onOpen={(id) => change({ event: id })}
                  onNarrow={(key, value) => search(withTerm(q, key, value))}
                />
                {query.hasNextPage ? (
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    {words.more}
                  </Button>
                ) : null}
              </>
            );
          }}
        </QueryState>
      ) : null}
    </>
  );
}

function Nothing({ onClear }: { readonly onClear: () => void }) {
  return <NothingFound title={words.nothingTitle} explanation={words.nothingText} clear={words.clear} onClear={onClear} />;
}

function Empty() {
  return (
    <Message icon={IconListSearch} title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </Message>
  );
}
