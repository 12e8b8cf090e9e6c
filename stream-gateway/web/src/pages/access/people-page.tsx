// People: who there is, in which teams, when last here, what is open, and who is locked.
import { Badge, Button, SegmentedControl } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { PersonView } from '../../../../../schemas/api/people.ts';
import { usePeople } from '../../api/access/people-queries.ts';
import { useMe } from '../../api/queries.ts';
import { Ago } from '../../components/ui/ago.tsx';
import { FilterBar, NothingFound } from '../../components/ui/filters.tsx';
import { Page } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Forbidden, Message } from '../../components/ui/states.tsx';
import { useSearchText } from '../../components/ui/use-search-text.ts';
import { PEOPLE_STATES, type PeopleSearch, peopleSearch } from '../../routes/search.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/people');
const words = text.people;
const forbidden = { why: words.forbidden, who: text.whoGrants.platform };

export function PeoplePage() {
  const allowed = useMe().may.people;
  return (
    <Page title={words.title} lead={words.lead}>
      {allowed ? <People /> : <Forbidden {...forbidden} />}
    </Page>
  );
}

function People() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Readonly<Record<string, unknown>>): void =>
    void navigate({ search: (before) => peopleSearch({ ...before, ...next }), replace: true, resetScroll: false });
  const [typed, type] = useSearchText(search.q ?? '', (q) => change({ q: q === '' ? undefined : q }));
  const query = usePeople(search);
  return (
    <>
      <FilterBar words={words.filter} typed={typed} onType={type}>
        <SegmentedControl
          aria-label={words.state.label}
          value={search.state ?? 'all'}
          onChange={(state) => change({ state })}
          data={['all' as const, ...PEOPLE_STATES].map((value) => ({ value, label: words.state[value] }))}
        />
      </FilterBar>
      <QueryState query={query} failed={words.failed} forbidden={forbidden} rows={6} height={44}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return narrows(search) ? <Nothing onClear={() => void navigate({ search: {} })} /> : <Empty />;
          return (
            <>
              <PeopleTable people={items} />
              {query.hasNextPage ? (
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {words.more}
                </Button>
              ) : null}
            </>
          );
        }}
      </QueryState>
    </>
  );
}

function narrows({ q, state }: PeopleSearch): boolean {
  return q !== undefined || state !== undefined;
}

function PeopleTable({ people }: { readonly people: readonly PersonView[] }) {
  const { columns } = words;
  return (
    <table className="ss-table">
      <thead>
        <tr>
          {Object.values(columns).map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <tr key={person.name}>
            <th scope="row">
              <Link to="/people/$name" params={{ name: person.name }}>
                {person.displayName}
              </Link>
              {person.displayName === person.name ? null : <div className="ss-note">{person.name}</div>}
            </th>
            <td data-label={columns.teams}>{person.teams.join(', ') || words.none}</td>
            <td data-label={columns.lastSignIn}>
              {person.lastSignInAt === null ? words.never : <Ago at={person.lastSignInAt} />}
            </td>
            <td data-label={columns.signIns}>{person.signIns}</td>
            <td data-label={columns.keys}>{person.apiKeys}</td>
            <td data-label={columns.state}>
              <PersonState locked={person.lock !== null} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function PersonState({ locked }: { readonly locked: boolean }) {
  return (
    <Badge variant="light" tt="none" color={locked ? 'red' : 'gray'}>
      {locked ? words.state.locked : words.state.active}
    </Badge>
  );
}

function Nothing({ onClear }: { readonly onClear: () => void }) {
  return <NothingFound title={words.nothingTitle} explanation={words.nothingText} clear={words.clear} onClear={onClear} />;
}

function Empty() {
  return (
    <Message icon={IconUsers} title={words.emptyTitle}>
      <p>{words.emptyText}</p>
    </Message>
  );
}
