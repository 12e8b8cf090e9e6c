// A team: members, further roles, quota, policies, each with the file and commit that it came with.
import { Anchor } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTeam } from '../../api/access/team-queries.ts';
import { toApiError } from '../../api/problem.ts';
import { useMe } from '../../api/queries.ts';
import { LimitBars } from '../../components/teams/limit-meter.tsx';
import { Machines } from '../../components/teams/machines.tsx';
import { EditTeam } from '../../components/teams/member-edits.tsx';
import { MoreQuota } from '../../components/teams/quota-wish.tsx';
import { Bindings, Roles } from '../../components/teams/team-bindings.tsx';
import { Members, Policies } from '../../components/teams/team-sections.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Forbidden, Message } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/teams/$name');
const words = text.teams.detail;

export function TeamPage() {
  const { name } = route.useParams();
  const me = useMe();
  const mine = me.platformRole !== null || me.teams.some((team) => team.name === name);
  const query = useTeam(name, mine);
  const title = query.data?.displayName ?? name;
  const forbidden = { why: words.forbidden, who: text.whoGrants.team };
  if (query.error !== null && toApiError(query.error).status === 404)
    return (
      <Message icon={IconUsersGroup} title={words.notFound} whole>
        <p>{words.notFoundText}</p>
      </Message>
    );
  return (
    <Page
      title={title}
      parent={{ title: text.teams.title, to: '/teams' }}
      actions={<Anchor renderRoot={(rest) => <Link to="/access" {...rest} />}>{words.whatMayI}</Anchor>}
    >
      {mine ? (
        <QueryState query={query} failed={words.failed} forbidden={forbidden} rows={6} height={52}>
          {(team) => (
            <>
              <Section title={words.facts} actions={<EditTeam team={team} />}>
                <Facts
                  rows={[
                    [words.you, team.role === null ? text.teams.notIn : text.roles[team.role]],
                    [words.namespace, <code key="namespace">{team.namespace}</code>],
                    [words.network, team.network === null ? words.noNetwork : <code key="network">{team.network}</code>],
                    [words.priority, words.priorities[team.priority ?? 'Normal']],
                    [
                      words.sessions,
                      <Link key="sessions" to="/sessions" search={{ q: team.namespace, whose: 'all' }}>
                        {words.seeSessions}
                      </Link>,
                    ],
                  ]}
                />
              </Section>
              <Section title={words.quota} actions={<MoreQuota team={team} />}>
                {team.quota.limits.length === 0 ? (
                  <p className="ss-note">{words.noQuota}</p>
                ) : (
                  <LimitBars limits={team.quota.limits} subject={title} />
                )}
              </Section>
              <Members team={team} />
              <Machines team={team.name} allowed={team.may.listMachines} />
              <Bindings team={team} />
              <Roles team={team} />
              <Policies team={team} />
            </>
          )}
        </QueryState>
      ) : (
        <Forbidden {...forbidden} />
      )}
    </Page>
  );
}
