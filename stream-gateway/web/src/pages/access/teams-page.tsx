// The teams of whoever looks; all of them for who may list teams.
import { Anchor } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTeams } from '../../api/access/team-queries.ts';
import { useMe } from '../../api/queries.ts';
import { Page } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Message } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

const words = text.teams;

export function TeamsPage() {
  const me = useMe();
  const query = useTeams();
  const { columns } = words;
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={<Anchor renderRoot={(rest) => <Link to="/quotas" {...rest} />}>{text.quotas.see}</Anchor>}
    >
      <QueryState
        query={query}
        failed={words.failed}
        forbidden={{ why: words.forbidden, who: text.whoGrants.platform }}
        rows={4}
        height={52}
      >
        {(teams) =>
          teams.length === 0 ? (
            <Message icon={IconUsersGroup} title={me.platformRole === null ? words.emptyTitle : words.emptyTitleAll}>
              <p>{me.platformRole === null ? words.emptyText : words.emptyTextAll}</p>
            </Message>
          ) : (
            <table className="ss-table">
              <thead>
                <tr>
                  <th scope="col">{columns.name}</th>
                  <th scope="col">{columns.role}</th>
                  <th scope="col">{columns.members}</th>
                  <th scope="col">{columns.namespace}</th>
                </tr>
              </thead>
              <tbody>
                {teams.map((team) => (
                  <tr key={team.name}>
                    <th scope="row">
                      <Link to="/teams/$name" params={{ name: team.name }}>
                        {team.displayName}
                      </Link>
                    </th>
                    <td data-label={columns.role}>{team.role === null ? words.notIn : text.roles[team.role]}</td>
                    <td data-label={columns.members}>{team.members}</td>
                    <td data-label={columns.namespace}>
                      <code>{team.namespace}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </QueryState>
    </Page>
  );
}
