// One person: groups, teams, sign-ins, keys, and the lock with its reason.
import { getRouteApi } from '@tanstack/react-router';
import type { PersonDetail } from '../../../../../schemas/api/people.ts';
import { usePerson } from '../../api/access/people-queries.ts';
import { KeyTable } from '../../components/account/key-table.tsx';
import { PersonActions } from '../../components/account/person-actions.tsx';
import { SignInTable } from '../../components/account/sign-ins.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { text } from '../../text/text.ts';
import { PersonState } from './people-page.tsx';

const route = getRouteApi('/shell/people/$name');
const words = text.people;

export function PersonPage() {
  const { name } = route.useParams();
  const query = usePerson(name);
  const person = query.data;
  return (
    <Page
      title={person?.displayName ?? name}
      parent={{ title: words.title, to: '/people' }}
      badge={person === undefined ? null : <PersonState locked={person.lock !== null} />}
      actions={person === undefined ? undefined : <PersonActions person={person} />}
    >
      <QueryState
        query={query}
        failed={words.detailFailed}
        forbidden={{ why: words.forbidden, who: text.whoGrants.platform }}
        rows={4}
        height={52}
      >
        {(found) => <Detail person={found} />}
      </QueryState>
    </Page>
  );
}

function Detail({ person }: { readonly person: PersonDetail }) {
  const { facts } = words;
  const { lock } = person;
  return (
    <>
      <Facts
        rows={[
          [facts.signInName, <code key="name">{person.name}</code>],
          [facts.groups, person.groups.join(', ') || words.none],
          [facts.teams, person.teams.join(', ') || words.none],
          [facts.lastSignIn, person.lastSignInAt === null ? words.never : <Ago key="at" at={person.lastSignInAt} />],
          ...(lock === null
            ? []
            : [
                [
                  facts.lock,
                  <span key="lock">
                    <Ago at={lock.at} /> {words.lockedBy(lock.by, lock.reason)}
                  </span>,
                ] as const,
              ]),
        ]}
      />
      <Section title={words.signIns.titleOf}>
        {person.signInItems.length === 0 ? (
          <p className="ss-note">{words.signIns.none}</p>
        ) : (
          <SignInTable signIns={person.signInItems} />
        )}
      </Section>
      <Section title={words.keys}>
        {person.apiKeyItems.length === 0 ? <p className="ss-note">{words.noKeys}</p> : <KeyTable keys={person.apiKeyItems} />}
      </Section>
    </>
  );
}
