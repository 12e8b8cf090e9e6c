// The further roles of a team: who was given which, from when until when and why; and the roles that can be given.
import type { OfferedRole } from '../../../../../schemas/api/teams.ts';
import { SYSTEM_NAMESPACE } from '../../../../../schemas/names.ts';
import type { TeamDetail } from '../../api/access/teams-api.ts';
import { useMe } from '../../api/queries.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import type { AskWhere } from '../changes/ask-change.tsx';
import { EditButton } from '../changes/object-edits.tsx';
import { Section } from '../ui/page.tsx';
import { BindingActions } from './binding-edits.tsx';
import { GiveRole } from './give-role.tsx';
import { useAskingAbout } from './member-edits.tsx';
import { Origin } from './origin.tsx';
import { RoleGives } from './role-gives.tsx';
import { Closed, Table } from './team-table.tsx';

export type Binding = NonNullable<TeamDetail['bindings']>[number];

const words = text.teams.detail;

export function Bindings({ team }: { readonly team: TeamDetail }) {
  const { binding: columns } = words;
  const { bindings } = team;
  const where = useAskingAbout(team);
  const give = <GiveRole team={team} />;
  if (bindings === null) return <Closed title={words.bindings} why={words.bindingsForbidden} actions={give} />;
  const rows = bindings.map((binding) => ({ binding, where: where({ ...placeOf(binding), origin: binding.origin }) }));
  const asking = rows.some((row) => row.where !== null);
  const { subject, role, scope, from, until, reason, state, origin } = columns;
  const head = [subject, role, scope, from, until, reason, state, origin];
  return (
    <Section title={words.bindings} actions={give}>
      {bindings.length === 0 ? (
        <p className="ss-note">{words.noBindings}</p>
      ) : (
        <Table head={asking ? [...head, words.edit] : head}>
          {rows.map((row) => (
            <BindingRow key={row.binding.object} {...row} asking={asking} />
          ))}
        </Table>
      )}
    </Section>
  );
}

function BindingRow(props: { readonly binding: Binding; readonly where: AskWhere | null; readonly asking: boolean }) {
  const { binding, where, asking } = props;
  const { binding: columns } = words;
  const { notBefore, expiresAt } = binding;
  return (
    <tr>
      <th scope="row">{binding.subject}</th>
      <td data-label={columns.role}>{binding.role}</td>
      <td data-label={columns.scope}>{binding.scope}</td>
      <td data-label={columns.from}>{notBefore === null ? words.atOnce : exactTime(Date.parse(notBefore))}</td>
      <td data-label={columns.until}>{expiresAt === null ? words.noEnd : exactTime(Date.parse(expiresAt))}</td>
      <td data-label={columns.reason}>{binding.reason}</td>
      <td data-label={columns.state}>{words.states[binding.state] ?? binding.state}</td>
      <td data-label={columns.origin}>
        <Origin origin={binding.origin} />
      </td>
      {asking ? (
        <td data-label={words.edit}>
          {where === null ? null : <BindingActions binding={binding} place={placeOf(binding)} where={where} />}
        </td>
      ) : null}
    </tr>
  );
}

function placeOf({ object }: Binding) {
  const [, namespace = '', name = ''] = object.split('/');
  return { namespace, name };
}

/** Roles of one's own; nothing where there are none. Those that come with StreamSpace are in the handbook. */
export function Roles({ team }: { readonly team: TeamDetail }) {
  const own = team.roles.filter(({ builtIn }) => !builtIn);
  const { ownRole: columns } = words;
  if (own.length === 0) return null;
  return (
    <Section title={words.roles}>
      <Table head={[columns.name, columns.gives, columns.origin]}>
        {own.map((role) => (
          <RoleRow key={role.name} role={role} />
        ))}
      </Table>
    </Section>
  );
}

function RoleRow({ role }: { readonly role: OfferedRole }) {
  const { ownRole: columns } = words;
  const { name, displayName, origin, beyondTeam } = role;
  // A role is an object of the whole cluster: those ask who may write it.
  const mayAsk = useMe().platformRole === 'platformAdmin' && origin !== null;
  return (
    <tr>
      <th scope="row">
        <span>
          {displayName ?? name}
          {displayName === null ? null : <span className="ss-cell-sub">{name}</span>}
        </span>
      </th>
      <td data-label={columns.gives}>
        <span>
          <RoleGives rules={role.rules} />
          {beyondTeam.length === 0 ? null : <span className="ss-cell-sub">{words.giving.beyond(beyondTeam.join(', '))}</span>}
        </span>
      </td>
      <td data-label={columns.origin}>
        <span>
          <Origin origin={origin} />
          {mayAsk ? (
            <EditButton
              look="row"
              object={{ kind: 'AccessRole', name }}
              where={{ namespace: SYSTEM_NAMESPACE, gitSync: origin.gitSync }}
            />
          ) : null}
        </span>
      </td>
    </tr>
  );
}
