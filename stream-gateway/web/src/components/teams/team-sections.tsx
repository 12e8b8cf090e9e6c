// The parts of a team's page: members and policies, each with where in Git it is; an edit opens a change request.
import type { TeamDetail } from '../../api/access/teams-api.ts';
import { text } from '../../text/text.ts';
import type { AskWhere } from '../changes/ask-change.tsx';
import { ObjectEdits } from '../changes/object-edits.tsx';
import { Section } from '../ui/page.tsx';
import { AddMember, MemberActions, useAsking, useAskingAbout } from './member-edits.tsx';
import { Origin } from './origin.tsx';
import { Closed, Table } from './team-table.tsx';

type Policy = NonNullable<TeamDetail['policies']>[number];

const words = text.teams.detail;

export function Members({ team }: { readonly team: TeamDetail }) {
  const asking = useAsking(team) !== null;
  return (
    <Section
      title={words.members}
      note={team.origin === null ? text.teams.origin.none : text.teams.origin.note}
      actions={<AddMember team={team} />}
    >
      {team.origin === null ? null : <Origin origin={team.origin} />}
      {team.members.length === 0 ? (
        <p className="ss-note">{words.noMembers}</p>
      ) : (
        <Table head={[words.name, words.kind, words.role, words.by, ...(asking ? [words.edit] : [])]}>
          {team.members.map(({ kind, name, role }) => (
            <tr key={`${kind} ${name} ${role}`}>
              <th scope="row">{name}</th>
              <td data-label={words.kind}>{words.kinds[kind]}</td>
              <td data-label={words.role}>{text.roles[role]}</td>
              <td data-label={words.by}>
                <code>Team/{team.name}</code>
              </td>
              {asking ? (
                <td data-label={words.edit}>
                  <MemberActions team={team} member={{ kind, name, role }} />
                </td>
              ) : null}
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

export function Policies({ team }: { readonly team: TeamDetail }) {
  const { policy: columns } = words;
  const { policies } = team;
  const where = useAskingAbout(team);
  const asking = policies?.some((policy) => where(policy) !== null) ?? false;
  if (policies === null) return <Closed title={words.policies} why={words.policiesForbidden} />;
  return (
    <Section title={words.policies}>
      {policies.length === 0 ? (
        <p className="ss-note">{words.noPolicies}</p>
      ) : (
        <Table head={[columns.name, columns.kind, columns.reach, columns.origin, ...(asking ? [words.edit] : [])]}>
          {policies.map((policy) => (
            <PolicyRow
              key={`${policy.kind} ${policy.namespace}/${policy.name}`}
              policy={policy}
              where={where(policy)}
              asking={asking}
            />
          ))}
        </Table>
      )}
    </Section>
  );
}

function PolicyRow({
  policy: { kind, namespace, name, narrowed, origin },
  where,
  asking,
}: {
  readonly policy: Policy;
  readonly where: AskWhere | null;
  readonly asking: boolean;
}) {
  const { policy: columns } = words;
  return (
    <tr>
      <th scope="row">{`${namespace}/${name}`}</th>
      <td data-label={columns.kind}>{words.policyKinds[kind]}</td>
      <td data-label={columns.reach}>{narrowed ? words.someSessions : words.allSessions}</td>
      <td data-label={columns.origin}>
        <Origin origin={origin} />
      </td>
      {asking ? (
        <td data-label={words.edit}>
          {where === null ? null : <ObjectEdits object={{ kind, namespace, name }} where={where} />}
        </td>
      ) : null}
    </tr>
  );
}
