// "What may I do?": every right by the place where it holds, and why. Who may read the audit log asks about others, too.
import { Button, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAccessGrants } from '../../api/access/team-queries.ts';
import type { AccessPathView } from '../../api/access/teams-api.ts';
import { useMe } from '../../api/queries.ts';
import { GrantTable } from '../../components/access/grant-table.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Forbidden, Message } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/access');
const words = text.access;

export function AccessPage() {
  const me = useMe();
  const { user } = route.useSearch();
  const other = user !== undefined && user !== me.name;
  const allowed = !other || me.may.audit;
  const query = useAccessGrants(other ? user : undefined, allowed);
  const forbidden = { why: words.forbidden, who: text.whoGrants.platform };
  return (
    <Page title={other ? words.titleOf(user) : words.title} lead={words.lead}>
      {me.may.audit ? <AskAbout key={user ?? ''} user={user ?? ''} /> : null}
      {allowed ? (
        <QueryState query={query} failed={words.failed} forbidden={forbidden} rows={5} height={52}>
          {({ user: name, groups, paths }) =>
            paths.length === 0 ? (
              <Message icon={IconKey} title={other ? words.emptyTitleOf : words.emptyTitle}>
                <p>{other ? words.emptyTextOf : words.emptyText}</p>
              </Message>
            ) : (
              <>
                <Facts rows={[[words.groups, groups.length === 0 ? words.noGroups : groups.join(', ')]]} />
                {byScope(paths).map(([scope, of]) => (
                  <Section key={scope} title={scopeWords(scope)}>
                    <GrantTable user={name} paths={of} />
                  </Section>
                ))}
              </>
            )
          }
        </QueryState>
      ) : (
        <>
          <Forbidden {...forbidden} />
          <p>
            <Link to="/access">{words.own}</Link>
          </p>
        </>
      )}
    </Page>
  );
}

function AskAbout({ user }: { readonly user: string }) {
  const navigate = route.useNavigate();
  const [name, setName] = useState(user);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: name.trim() === '' ? {} : { user: name.trim() } });
  };
  return (
    <form className="ss-filters ss-access-filters" onSubmit={ask}>
      <TextInput
        label={words.person}
        placeholder={words.personHint}
        value={name}
        maxLength={128}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" className="ss-filter-button">
        {words.show}
      </Button>
    </form>
  );
}

function byScope(paths: readonly AccessPathView[]): readonly (readonly [string, readonly AccessPathView[]])[] {
  const scopes = new Map<string, AccessPathView[]>();
  for (const path of paths) scopes.set(path.scope, [...(scopes.get(path.scope) ?? []), path]);
  return [...scopes];
}

function scopeWords(scope: string): string {
  const [kind, name = ''] = scope.split(' ');
  if (kind === 'namespace') return words.scopes.namespace(name);
  return kind === 'session' ? words.scopes.session(name) : words.scopes.platform;
}
