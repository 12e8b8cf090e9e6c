// My account: who I am, my teams and what I may do there, API keys, theme, sign out.
import { Button } from '@mantine/core';
import { IconLogout, IconUsers } from '@tabler/icons-react';
import { useMe } from '../../api/queries.ts';
import { ApiKeys } from '../../components/account/api-keys.tsx';
import { Factors } from '../../components/account/factors.tsx';
import { SignIns } from '../../components/account/sign-ins.tsx';
import { ThemeChoice } from '../../components/shell/theme-choice.tsx';
import { useSignOut } from '../../components/shell/use-sign-out.ts';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { Message } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

export function MePage() {
  const me = useMe();
  const signOut = useSignOut();
  const { account } = text;
  return (
    <Page
      title={account.title}
      lead={me.displayName}
      actions={
        <Button variant="default" leftSection={<IconLogout size={16} aria-hidden="true" />} onClick={signOut}>
          {account.signOut}
        </Button>
      }
    >
      <Section title={account.whoAmI}>
        <Facts
          rows={[
            [account.name, me.displayName],
            [account.signInName, <code key="name">{me.name}</code>],
            [account.groups, me.groups.length === 0 ? account.noGroups : me.groups.join(', ')],
            ...(me.platformRole === null ? [] : [[account.platformRole, text.platformRoles[me.platformRole]] as const]),
          ]}
        />
      </Section>
      <Section title={account.teams}>
        {me.teams.length === 0 ? (
          <Message icon={IconUsers} title={account.noTeams}>
            <p>{account.noTeamsText}</p>
          </Message>
        ) : (
          <table className="ss-table">
            <thead>
              <tr>
                <th scope="col">{account.team}</th>
                <th scope="col">{account.role}</th>
                <th scope="col">{account.mayDo}</th>
                <th scope="col">{account.namespace}</th>
              </tr>
            </thead>
            <tbody>
              {me.teams.map((team) => (
                <tr key={team.namespace}>
                  <th scope="row">{team.displayName}</th>
                  <td data-label={account.role}>{text.roles[team.role]}</td>
                  <td data-label={account.mayDo}>{account.may[team.role]}</td>
                  <td data-label={account.namespace}>
                    <code>{team.namespace}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
      <Factors />
      <SignIns />
      <ApiKeys />
      <Section title={account.appearance} note={text.home.onThisDevice}>
        <ThemeChoice />
      </Section>
    </Page>
  );
}
